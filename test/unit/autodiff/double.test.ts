import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DOUBLE_KERNELS, withDoubleKernels } from "../../../src/autodiff/double/kernels.ts";
import { compile } from "../../../src/jacobian/compiled.ts";
import { emit } from "../../../src/onnx/emit.ts";
import { GraphBuilder } from "../../../src/onnx/builder.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";

const runtime = openRuntime("cpu", 1);

/** What mpmath says with 60 digits; see make.py beside it. */
const VALUES = JSON.parse(readFileSync(new URL("../../fixtures/functions/values.json", import.meta.url), "utf8")) as Readonly<Record<string, { readonly x: readonly number[]; readonly y: readonly number[] }>>;

const evaluated = async (op: string, x: readonly number[]): Promise<ArrayLike<number>> => {
  const g = new GraphBuilder();
  const input = g.input("x", "float64", [x.length]);
  const program = g.finish([g.unary(op, input)]);
  const compiled = await compile(runtime, program);
  const results = await compiled.run({ x: { dtype: "float64", shape: [x.length], data: Float64Array.from(x) } });
  await compiled.dispose();
  return results.get(program.outputs[0]!.name)!.data as Float64Array;
};

/** Units of 2⁻⁵³ by which a result may be off, relative to it: at −x, Gelu takes up the rounding of x/√2 about x² times. */
const allowed = (op: string, x: number): number => (op === "Gelu" && x < 0 ? 9 + 2 * x * x : 9);

describe("operators in float64 that ONNX Runtime has in float32 only", () => {
  it.each(Object.keys(VALUES))("%s is right to a few units of the last place", async (op) => {
    const { x, y } = VALUES[op]!;
    const found = await evaluated(op, x);
    y.forEach((value, i) => { if (found[i] !== value) expect(Math.abs(found[i]! - value) / Math.abs(value) / 2 ** -53, `at ${x[i]!}`).toBeLessThan(allowed(op, x[i]!)); });
  });

  it("takes NaN and infinities as they come", async () => {
    expect(Array.from(await evaluated("Erf", [NaN, Infinity, -Infinity, 1e300]))).toEqual([NaN, 1, -1, 1]);
    expect(Array.from(await evaluated("Softplus", [-Infinity, Infinity]))).toEqual([0, Infinity]);
    expect(Array.from(await evaluated("Atan", [Infinity, -Infinity]))).toEqual([Math.PI / 2, -Math.PI / 2]);
  });

  it("every one of them is needed: the provider does not load it", async () => {
    for (const op of Object.keys(VALUES)) {
      const g = new GraphBuilder();
      const loaded = await runtime.load(emit(g.finish([g.unary(op, g.input("x", "float64", [2]))])), { optimise: "none" }).then((session) => session.dispose().then(() => true), () => false);
      expect(loaded, op).toBe(false);
      expect(DOUBLE_KERNELS).toHaveProperty(op);
    }
  });

  it("leaves a program alone that needs none of it, and keeps the names of what is asked for", () => {
    const g = new GraphBuilder();
    const single = g.finish([g.unary("Erf", g.input("x", "float32", [2]))]);
    expect(withDoubleKernels(single)).toBe(single);
    const h = new GraphBuilder();
    const inner = h.unary("Erf", h.input("x", "float64", [2]));
    const program = h.finish([inner, h.neg(inner)]);
    const written = withDoubleKernels(program);
    expect(written.outputs).toEqual(program.outputs);
    expect(written.steps.flatMap((step) => step.outputs.map((o) => o.name))).toEqual(expect.arrayContaining(program.outputs.map((o) => o.name)));
    expect(written.steps.map((step) => step.op)).not.toContain("Erf");
  });
});
