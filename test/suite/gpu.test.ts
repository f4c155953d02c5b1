import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, describe, it } from "mocha";
import * as vscode from "vscode";
import type { DoctorReport } from "../../src/analysis/doctor.ts";
import { COMMANDS, SETTINGS, SETTINGS_SECTION } from "../../src/vscode/contributions.ts";
import { lens, request } from "./support.ts";

const setUp = (argument: unknown): Thenable<DoctorReport | undefined> => vscode.commands.executeCommand<DoctorReport | undefined>(COMMANDS.setUpGpu, argument);
const folders = (): unknown => vscode.workspace.getConfiguration(SETTINGS_SECTION).get(SETTINGS.gpuLibraryFolders);
const reset = (): Thenable<void> => vscode.workspace.getConfiguration(SETTINGS_SECTION).update(SETTINGS.gpuLibraryFolders, undefined, vscode.ConfigurationTarget.Global);
const linux = process.platform === "linux" && process.arch === "x64";

describe("Set Up GPU", () => {
  after(reset);

  it("finds what providers there are, each usable or refused with a reason", async () => {
    await lens();
    const report = await setUp("report");
    assert.ok(report?.gpu, "no report");
    assert.deepEqual(report.providers.filter(({ provider, usable }) => provider === "cpu" && usable).length, 1);
    for (const { usable, reason } of report.providers) assert.ok(usable || (reason ?? "").length > 5);
  });

  it("does not take a folder without libraries into the setting", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "lens-no-libraries-"));
    assert.equal(await setUp({ useFolder: folder }), undefined);
    assert.deepEqual(folders(), []);
    await rm(folder, { recursive: true });
  });

  it(linux ? "has ONNX Runtime load the provider of a chosen folder, and analyses on the CPU go on" : "cannot try a folder with a provider here: there is none for this platform", async () => {
    if (!linux) return;
    const folder = path.join(await realpath(await mkdtemp(path.join(os.tmpdir(), "lens-provider-"))), "lib");
    await mkdir(folder);
    for (const name of ["libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so"]) await writeFile(path.join(folder, name), "not a library");
    const report = await setUp({ useFolder: path.dirname(folder) });
    assert.deepEqual(folders(), [folder]);
    const cuda = report?.providers.find(({ provider }) => provider === "cuda");
    assert.equal(cuda?.usable, false);
    assert.match(cuda.reason ?? "", /linked-[0-9a-f]+\/libonnxruntime_providers_shared\.so: (?:invalid ELF header|file too short)/);
    assert.ok(await (await lens()).analyse({ ...request(), provider: "cpu" }));
    await reset();
    await rm(path.dirname(folder), { recursive: true });
  });
});
