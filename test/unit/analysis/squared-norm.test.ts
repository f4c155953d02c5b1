import { describe, expect, it } from "vitest";
import { withDefaults } from "../../../src/analysis/defaults.ts";
import { worthPasses } from "../../../src/analysis/methods/squared-norm.ts";
import { openNetwork } from "../../../src/analysis/open-network.ts";
import { reference } from "./support.ts";

describe("whether a sketch is worth a pass over the samples for each output", () => {
  it("is so where they are at most half of its vectors", async () => {
    const open = await openNetwork(withDefaults(reference("mlp-relu", { samples: 4 })), undefined);
    try {
      const { outputs } = open.network;
      expect([worthPasses(open, 2 * outputs), worthPasses(open, 2 * outputs - 1)]).toEqual([true, false]);
    } finally {
      await open.dispose();
    }
  });
});
