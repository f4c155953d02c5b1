import { describe, expect, it } from "vitest";
import { withDefaults } from "../../../src/analysis/defaults.ts";
import { openNetwork, type OpenNetwork } from "../../../src/analysis/open-network.ts";
import { runtimeFacts } from "../../../src/analysis/runtime-facts.ts";
import { reference } from "./support.ts";

const request = withDefaults(reference("mlp-relu", { samples: 4 }));

/** The same network as if a device had run it, with sums in float64 on the host. */
const onDevice = (open: OpenNetwork): OpenNetwork => {
  const { runtime } = open;
  const there: OpenNetwork["runtime"] = { provider: "webgpu", version: runtime.version, threads: runtime.threads, capabilities: runtime.capabilities, load: (...args) => runtime.load(...args), proof: () => ({ ...runtime.proof(), host: ["sums"] }) };
  return { ...open, runtime: there };
};

describe("what ran where", () => {
  it("has the precision of the figures: that of the run, or of the refinement, which a device leaves to the CPU", async () => {
    const open = await openNetwork(request, undefined);
    try {
      const facts = [false, true].map((refined) => runtimeFacts(onDevice(open), request, refined));
      expect(facts.map(({ precision, host }) => ({ precision, host }))).toEqual([{ precision: "single", host: ["sums"] }, { precision: "double", host: ["sums", "the refinement in float64"] }]);
      expect(runtimeFacts(open, request, true)).toMatchObject({ provider: "cpu", precision: "double", host: [] });
    } finally {
      await open.dispose();
    }
  });
});
