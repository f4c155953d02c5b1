import { random } from "../../../src/core/random.ts";
import { gramOf, leftSingular, onto } from "./small-linalg.ts";
import type { LeadingVectors, Projected, Spectrum } from "../../../src/theory/spectrum.ts";

/** A seed of today's run, printed so that a failure can be repeated: SEED=… npx vitest run … */
export const drawSeed = (what: string): number => {
  const seed = process.env.SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.SEED);
  console.log(`${what}: seed ${seed}`);
  return seed;
};

/** A spectrum with everything known, for tests of what follows from it. */
export const spectrumOf = (values: readonly number[] | Float64Array, more: Partial<Spectrum> = {}): Spectrum => {
  const singularValues = Float64Array.from(values);
  return { singularValues, complete: true, floor: 1.5e-8 * (singularValues[0] ?? 0), frobenius: Math.hypot(...singularValues), errors: null, ...more };
};

/** A random J [m, p] with its left singular vectors, all m of them. */
export interface Problem {
  readonly m: number;
  readonly p: number;
  readonly j: Float64Array;
  /** min(m, p) values. */
  readonly singularValues: Float64Array;
  /** [m, m] column-major. */
  readonly u: Float64Array;
  project(vector: Float64Array): Projected;
  leading(count: number): LeadingVectors;
}

export const problemOf = (j: Float64Array, m: number, p: number): Problem => {
  const { values, vectors } = leftSingular(gramOf(j, m, p), m);
  return {
    m,
    p,
    j,
    singularValues: values.slice(0, Math.min(m, p)),
    u: vectors,
    project: (vector) => ({ vector, coefficients: onto(vectors, vector) }),
    leading: (count) => ({ rows: m, count, values: vectors.slice(0, m * count) }),
  };
};

export const randomProblem = (seed: number, m: number, p: number): Problem => problemOf(random(seed, "J").normals(m * p), m, p);

export const norm = (z: Float64Array): number => Math.hypot(...z);
