import { describe, expect, it } from "vitest";
import { watchMemory, withinMemory } from "../../../src/analysis/memory-guard.ts";

const watched = (): Promise<void> => Promise.resolve().then(watchMemory);

describe("the memory of the process", () => {
  it("is not refused before there is a plan, and is where it goes beyond what was planned", async () => {
    await expect(withinMemory(2 ** 20, "tidy", watched)).resolves.toBeUndefined();
    await expect(withinMemory(2 ** 20, "tidy", () => withinMemory(2 ** 20, "refuse", watched))).rejects.toMatchObject({ code: "MEMORY", message: expect.stringMatching(/^The process takes \d+ MiB, more than was planned; 1 MiB are allowed\.$/) as unknown });
    await expect(withinMemory(2 ** 50, "refuse", watched)).resolves.toBeUndefined();
  });

  it("is held to the least of what the analyses under way may take, as long as they are", async () => {
    await expect(withinMemory(2 ** 20, "refuse", () => withinMemory(2 ** 50, "refuse", watched))).rejects.toMatchObject({ code: "MEMORY" });
    await expect(watched()).resolves.toBeUndefined();
  });
});
