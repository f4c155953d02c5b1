import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { smallSvd } from "../../../src/spectrum/small-svd.ts";
import { dot, furthest } from "../linalg/support.ts";
import { knownOperator } from "./operators.ts";

/** max |X·diag·Yᵀ − B|, and how far X and Y are from orthogonal. */
const defectsOf = (b: Float64Array, n: number, { values, left, right }: Awaited<ReturnType<typeof smallSvd>>): { rebuilt: number; orthogonality: number } => {
  let [rebuilt, orthogonality] = [0, 0];
  const column = (a: Float64Array, s: number): Float64Array => a.subarray(s * n, (s + 1) * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let s = 0; s < n; s++) sum += values[s]! * left[s * n + i]! * right[s * n + j]!;
      rebuilt = Math.max(rebuilt, Math.abs(sum - b[j * n + i]!));
      for (const a of [left, right]) orthogonality = Math.max(orthogonality, Math.abs(dot(column(a, i), column(a, j)) - (i === j ? 1 : 0)));
    }
  }
  return { rebuilt, orthogonality };
};

const identityBlock = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

describe("smallSvd", () => {
  it.each([
    ["one number", [2]],
    ["a power law over twelve decades", Array.from({ length: 40 }, (_, s) => 10 ** (-12 * (s / 39)))],
    ["repeated values", [...new Array<number>(10).fill(3), ...new Array<number>(25).fill(1)]],
    ["rank three of sixty", [3, 2, 1, ...new Array<number>(57).fill(0)]],
    ["zero", new Array<number>(30).fill(0)],
    ["a small one", [5, 1, 1e-9, 0]],
  ])("takes apart and rebuilds %s, with small values to rounding", async (_name, values) => {
    const n = values.length;
    const b = await knownOperator(n, n, values, 7).apply(identityBlock(n), n);
    const found = await smallSvd(b, n);
    expect(furthest(found.values, values)).toBeLessThan(1e-14 * n * (values[0]! + 1));
    const { rebuilt, orthogonality } = defectsOf(b, n, found);
    expect(rebuilt).toBeLessThan(1e-14 * n * (values[0]! + 1));
    expect(orthogonality).toBeLessThan(1e-13 * n);
  });

  it("agrees with the trace and the squared norm of a random matrix", async () => {
    const [n, seed] = [50, 3];
    const b = random(seed, "matrix").normals(n * n);
    const { values } = await smallSvd(b, n);
    expect(dot(values, values), `seed ${seed}`).toBeCloseTo(dot(b, b), 8);
    expect(Array.from(values)).toEqual(Array.from(values).sort((x, y) => y - x));
  });

  it("names what is not finite", async () => {
    await expect(smallSvd(Float64Array.of(1, NaN, 0, 1), 2)).rejects.toMatchObject({ code: "NOT_FINITE" });
  });
});
