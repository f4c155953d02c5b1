import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../../src/onnx/builder.ts";
import type { Value } from "../../../src/onnx/value.ts";

const open = (): { g: GraphBuilder; x: Value; y: Value } => {
  const g = new GraphBuilder();
  return { g, x: g.input("x", "float32", [2, 3, 4]), y: g.input("y", "float32", [3, 1]) };
};

const opsOf = (g: GraphBuilder): string[] => g.steps.map((step) => step.op);

describe("the graph builder", () => {
  it("broadcasts shapes as NumPy does", () => {
    const { g, x, y } = open();
    expect(g.add(x, y).shape).toEqual([2, 3, 4]);
    expect(g.mul(y, g.scalar(2, y)).shape).toEqual([3, 1]);
    expect(g.where(g.greater(x, y), x, y).shape).toEqual([2, 3, 4]);
  });

  it("refuses shapes that do not broadcast", () => {
    const { g, x } = open();
    expect(() => g.add(x, g.input("z", "float32", [5]))).toThrow(RangeError);
  });

  it("writes a call once that is asked for twice", () => {
    const { g, x, y } = open();
    expect(g.add(x, y)).toBe(g.add(x, y));
    expect(g.reduce("ReduceSum", x, [1], true)).toBe(g.reduce("ReduceSum", x, [-2], true));
    expect(opsOf(g)).toEqual(["Add", "ReduceSum"]);
  });

  it("tells calls with other attributes or operands apart", () => {
    const { g, x, y } = open();
    expect(g.sub(x, y)).not.toBe(g.sub(y, x));
    expect(g.sum(x, [0])).not.toBe(g.sum(x, [0], true));
  });

  it("writes nothing for what changes nothing", () => {
    const { g, x } = open();
    expect(g.reshape(x, [2, 3, 4])).toBe(x);
    expect(g.transpose(x, [0, 1, 2])).toBe(x);
    expect(g.expand(x, [2, 3, 4])).toBe(x);
    expect(g.sum(x, [])).toBe(x);
    expect(g.slice(x, [0], [4], [2])).toBe(x);
    expect(g.pad(x, [0, 0, 0], [0, 0, 0])).toBe(x);
    expect(g.scale(x, 1)).toBe(x);
    expect(g.shift(x, 0)).toBe(x);
    expect(g.cast(x, "float32")).toBe(x);
    expect(g.concat([x], 0)).toBe(x);
    expect(g.steps).toEqual([]);
  });

  it("joins reshapes of reshapes and transposes of transposes", () => {
    const { g, x } = open();
    expect(g.reshape(g.reshape(x, [24]), [2, 3, 4])).toBe(x);
    expect(g.transpose(g.transpose(x, [2, 0, 1]), [1, 2, 0])).toBe(x);
  });

  it("sums back over exactly the axes that were broadcast", () => {
    const { g, x } = open();
    const back = g.sumTo(x, [3, 1]);
    expect(back.shape).toEqual([3, 1]);
    const [sum] = g.steps;
    expect(sum?.inputs[1]?.constant?.data).toEqual(BigInt64Array.of(0n, 2n));
  });

  it("adds what is there and nothing where nothing is", () => {
    const { g, x, y } = open();
    expect(g.sumOf(undefined, undefined)).toBeUndefined();
    expect(g.sumOf(undefined, x)).toBe(x);
    expect(g.sumOf(x, undefined, y)?.shape).toEqual([2, 3, 4]);
  });

  it("knows the shapes of slices with steps, and of products", () => {
    const { g, x } = open();
    expect(g.slice(x, [0, 1], [3, 4], [1, 2], [2, 1]).shape).toEqual([2, 2, 3]);
    expect(g.matMul(x, g.swapLast(x)).shape).toEqual([2, 3, 3]);
  });

  it("gives new values names that differ", () => {
    const { g, x, y } = open();
    const names = [g.add(x, y), g.sub(x, y), g.scalar(1, x), g.scalar(2, x)].map((value) => value.name);
    expect(new Set(names).size).toBe(names.length);
  });
});
