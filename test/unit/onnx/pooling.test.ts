import { describe, expect, it } from "vitest";
import { emit } from "../../../src/onnx/emit.ts";
import { lower } from "../../../src/onnx/lower.ts";
import { trace } from "../../../src/onnx/trace.ts";
import { executor, model, node, ramp, run, value } from "./small-model.ts";

const X = ramp(1, 2, 5, 5);

/** A pooling of X whose third window along each axis would begin in the padding: kernels drop it, shape inference does not. */
const dropped = (op: string, attributes: Parameters<typeof node>[3] = {}) => model({
  opset: 21, inputs: [value("x", [1, 2, 5, 5])], outputs: ["y"],
  nodes: [node(op, ["x"], ["y"], { kernel_shape: [3, 3], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1, ...attributes })],
});

describe("poolings whose sizes are rounded up", () => {
  it.each([["MaxPool", {}], ["AveragePool", {}], ["AveragePool", { count_include_pad: 1 }], ["AveragePool", { kernel_shape: [4, 4], strides: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }]] as const)("%s %o is lowered to one rounded down, with the same result", async (op, attributes) => {
    const original = dropped(op, attributes);
    const { program } = lower(await trace(executor, original, new Set(), { x: X }), []);
    const pool = program.steps.find((step) => step.op === op)!;
    expect(pool.attributes.ceil_mode).toEqual({ type: "int", value: 0n });
    const session = await executor.load(emit(program));
    const results = await session.run({ [program.inputs[0]!.name]: X }, [program.outputs[0]!.name]);
    await session.dispose();
    const found = results[program.outputs[0]!.name]!;
    const { y } = await run(original, { x: X });
    expect(found.shape).toEqual(y!.shape);
    (found.data as Float32Array).forEach((entry, i) => { expect(entry).toBeCloseTo(Number(y!.data[i]), 6); });
  });
});
