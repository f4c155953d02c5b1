import { describe, expect, it } from "vitest";
import { float32 } from "../../../src/core/tensor.ts";
import { GraphBuilder } from "../../../src/onnx/builder.ts";
import { emit, emitFed } from "../../../src/onnx/emit.ts";
import type { Executor } from "../../../src/onnx/executor.ts";
import { EMBEDDED_BYTES, feedLarge } from "../../../src/onnx/load-graph.ts";
import { trace } from "../../../src/onnx/trace.ts";
import { executor, graph, model, node, numbers, ramp, value } from "./small-model.ts";

/** 2 MiB of ones: more than is written into a model that is run. */
const LARGE = float32([512, 1024], new Float32Array(512 * 1024).fill(1));

/** An executor that remembers how large the models were that it was given. */
const watched = (): Executor & { readonly sizes: number[] } => {
  const sizes: number[] = [];
  return { sizes, load: (bytes, options) => { sizes.push(bytes.length); return executor.load(bytes, options); } };
};

describe("models with more weights than one message can hold", () => {
  it("are traced with large tensors fed, parameters or not: what is serialised stays small", async () => {
    const net = model({ nodes: [node("MatMul", ["x", "w"], ["a"]), node("MatMul", ["a", "frozen"], ["b"]), node("Add", ["b", "small"], ["y"])], inputs: [value("x", ["n", 512])], outputs: ["y"], tensors: { w: LARGE, frozen: { ...LARGE, shape: [1024, 512] }, small: ramp(512) } });
    const engine = watched();
    const traced = await trace(engine, net, new Set(["w"]), { x: float32([2, 512], new Float32Array(1024)) });
    expect(Math.max(...engine.sizes)).toBeLessThan(16_384);
    expect([traced.values.get("y")?.shape, traced.values.get("frozen")?.constant?.shape]).toEqual([[2, 512], [1024, 512]]);
  });

  it("turn tensors above a limit into inputs, and leave the others", () => {
    const small = graph({ nodes: [node("Add", ["a", "b"], ["y"])], outputs: ["y"], tensors: { a: ramp(100), b: ramp(10) } });
    const { graph: open, fed } = feedLarge(small, new Set(), 100);
    expect([open.inputs, fed.map((i) => i.name), [...open.initializers.keys()]]).toEqual([[{ name: "a", dtype: "float32", shape: [100] }], ["a"], ["b"]]);
    expect(EMBEDDED_BYTES).toBe(2 ** 20);
  });

  it("have derivative graphs whose large constants are fed, with the same results", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 3]);
    const program = g.finish([g.matMul(x, g.constant(ramp(3, 40)))]);
    const whole = await executor.load(emit(program));
    const { model: open, feeds } = emitFed(program, program.outputs, 64);
    const split = await executor.load(open);
    const given = { x: ramp(2, 3) };
    const [expected, found] = [await whole.run(given), await split.run({ ...given, ...feeds })];
    expect(Object.keys(feeds)).toHaveLength(1);
    expect(numbers(Object.values(found)[0])).toEqual(numbers(Object.values(expected)[0]));
    await whole.dispose();
    await split.dispose();
  });
});
