import { describe, expect, it } from "vitest";
import { DEVICE_KERNELS } from "../../src/autodiff/device/kernels.ts";
import { ALL_CAPABILITIES } from "../../src/core/capabilities.ts";
import { capabilitiesOf } from "../../src/runtime/capabilities.ts";
import { cases } from "./cases/index.ts";
import { executor } from "./check.ts";
import { caseProgram, evaluate, farthest } from "./on-device.ts";

const SEED = Number(process.env.RULES_SEED ?? 20_191);

/** What WebGPU is given, run by the CPU, which has all operators: the other way of writing must give the same numbers. */
const lacking = { ...executor, load: executor.load.bind(executor), capabilities: { ...capabilitiesOf("webgpu"), substitutes: new Set(Object.keys(DEVICE_KERNELS)) } };

/** Cases whose second output says where maxima stood cannot do without. */
const concerned = cases.filter(({ title, nodes }) => !title.includes("places in column-major order") && nodes.some(({ op }) => op === "MaxPool" || op in DEVICE_KERNELS || ["Abs", "ReduceL1", "ReduceProd", "SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss", "LpPool", "Conv"].includes(op)));

describe(`graphs written for a provider that lacks operators (seed ${SEED})`, () => {
  it.each(concerned.map((test) => [test.title, test] as const))("give what the plain ones give: %s", async (_, test) => {
    const plain = await evaluate(executor, await caseProgram(executor, test, SEED, ALL_CAPABILITIES), "device");
    const other = await evaluate(lacking, await caseProgram(executor, test, SEED, lacking.capabilities), "device");
    expect(farthest(other, plain)).toBeLessThan(5e-6);
  });

  it("every substitute that a provider asks for is written down", () => {
    for (const provider of ["cpu", "cuda", "webgpu", "dml", "coreml"] as const) expect(Object.keys(DEVICE_KERNELS)).toEqual(expect.arrayContaining([...capabilitiesOf(provider).substitutes]));
  });

  it("the first of equal entries is the largest of a window, as in PyTorch", async () => {
    const test = cases.find(({ title }) => title === "MaxPool: overlapping, strided, padded")!;
    const tied = { ...test, operands: Object.fromEntries(Object.entries(test.operands).map(([name, spec]) => [name, spec.role === "variable" ? { ...spec, draw: () => 0 } : spec])) };
    const plain = await evaluate(executor, await caseProgram(executor, tied, SEED, ALL_CAPABILITIES), "device");
    expect(farthest(await evaluate(lacking, await caseProgram(executor, tied, SEED, lacking.capabilities), "device"), plain)).toBeLessThan(1e-6);
  });
});
