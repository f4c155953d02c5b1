import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { COMMANDS, LENS_PANEL, VIEWS } from "../../src/vscode/contributions.ts";
import { lens } from "./support.ts";

describe("activation", () => {
  it("takes under 50 ms, loading the code included", async () => {
    const { clock, processor } = (await lens()).activation;
    console.log(`activation: ${clock.toFixed(1)} ms, ${processor.toFixed(1)} ms of processor time`);
    const own = Math.min(clock, processor);
    assert.ok(own < 50, `${own.toFixed(1)} ms`);
  });

  it("registers every command of the table", async () => {
    await lens();
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(Object.values(COMMANDS).filter((id) => !registered.has(id)), []);
  });

  it("has its views, each with a command that shows it", async () => {
    await lens();
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(Object.values(VIEWS).filter((id) => !registered.has(`${id}.focus`)), []);
    assert.ok(LENS_PANEL.startsWith("jacobianLens"));
  });
});
