import { describe, expect, it } from "vitest";
import { createArena } from "../../../src/linalg/arena.ts";
import { symmetricSpectrum } from "../../../src/linalg/eigen.ts";
import { BAND } from "../../../src/linalg/reflectors.ts";
import { matrixOf, symmetricStorage } from "../../../src/linalg/storage.ts";
import { defects, dot, furthest, randomSymmetric, vectorsOf, withEigenvalues } from "./support.ts";

const descending = (values: readonly number[]): number[] => [...values].sort((a, b) => b - a);

const tridiagonal = (diagonal: readonly number[], off: number): Float64Array => {
  const n = diagonal.length;
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    a[i * n + i] = diagonal[i]!;
    if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = off;
  }
  return a;
};

const hadamard = (power: number): Float64Array => {
  const n = 2 ** power;
  const bits = (x: number): number => (x === 0 ? 0 : (x & 1) + bits(x >> 1));
  return Float64Array.from({ length: n * n }, (_, k) => (bits((k % n) & Math.floor(k / n)) % 2 === 0 ? 1 : -1));
};

const repeated = (value: number, times: number): number[] => new Array<number>(times).fill(value);

const laplacian = (n: number): number[] => Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));

interface Known {
  readonly name: string;
  readonly n: number;
  readonly matrix: Float64Array;
  readonly values: readonly number[];
}

const withKnown = (name: string, values: readonly number[]): Known => ({ name, n: values.length, matrix: withEigenvalues(values, 7), values });

/** Sizes at which the last panel of reflectors is missing, trivial, cut short or full. */
const nearPanels = [2, 3, 4, BAND, ...[BAND, 2 * BAND].flatMap((edge) => [edge + 1, edge + 2, edge + 3]), 3 * BAND - 1];

/** Matrices whose eigenvalues are known without a computation. */
const known: readonly Known[] = [
  { name: "a 1 × 1 matrix", n: 1, matrix: Float64Array.of(-3), values: [-3] },
  { name: "the zero matrix", n: 40, matrix: new Float64Array(1600), values: repeated(0, 40) },
  { name: "the identity", n: 50, matrix: tridiagonal(repeated(1, 50), 0), values: repeated(1, 50) },
  { name: "the 1-D Laplacian", n: 131, matrix: tridiagonal(repeated(2, 131), -1), values: laplacian(131) },
  { name: "a Hadamard matrix", n: 64, matrix: hadamard(6), values: [...repeated(8, 32), ...repeated(-8, 32)] },
  { name: "an all-ones matrix", n: 45, matrix: new Float64Array(2025).fill(1), values: [45, ...repeated(0, 44)] },
  withKnown("two by two", [2, -1]),
  withKnown("three repeated eigenvalues", [...repeated(5, 20), ...repeated(1, 30), ...repeated(-2, 23)]),
  withKnown("a rank-deficient Gram matrix", [9, 4, 1, 0.25, ...repeated(0, 61)]),
  withKnown("a power law over sixteen decades", Array.from({ length: 100 }, (_, s) => 10 ** (-16 * (s / 99)))),
  withKnown("pairs that differ by 1e-13", Array.from({ length: 60 }, (_, s) => 1 + Math.floor(s / 2) / 30 + (s % 2) * 1e-13)),
  withKnown("a matrix larger than the products' blocks", Array.from({ length: 301 }, (_, s) => Math.cos(s))),
  ...nearPanels.map((n) => withKnown(`a matrix of ${n} rows`, Array.from({ length: n }, (_, s) => Math.sqrt(s) - 3))),
];

describe("symmetricSpectrum", () => {
  it.each(known)("finds the known eigenvalues, and orthonormal eigenvectors with small residuals, of $name", async ({ n, matrix, values }) => {
    const expected = descending(values);
    const largest = Math.max(...values.map(Math.abs));
    const found = await symmetricSpectrum(matrix.slice(), n, [], { leading: n });
    expect(furthest(found.values, expected)).toBeLessThanOrEqual(1e-13 * largest);
    const { residual, orthogonality } = defects(matrix, n, found.values, found.vectors);
    expect(residual).toBeLessThanOrEqual(1e-13 * largest);
    expect(orthogonality).toBeLessThanOrEqual(1e-12);
  });

  it.each(known)("keeps the length of a given vector and its energy within every eigenspace of $name", async ({ n, matrix, values }) => {
    const given = vectorsOf(n, 9, 3);
    const { coefficients, values: found, vectors } = await symmetricSpectrum(matrix.slice(), n, given, { leading: n });
    const largest = Math.max(...values.map(Math.abs), 1e-300);
    for (const [v, z] of given.entries()) {
      const c = coefficients[v]!;
      const square = dot(z, z);
      expect(Math.abs(dot(c, c) - square)).toBeLessThan(1e-12 * square);
      for (let s = 0, carried = 0, direct = 0; s < n; s++) {
        carried += c[s]! ** 2;
        direct += dot(vectors.subarray(s * n, (s + 1) * n), z) ** 2;
        const gap = s + 1 < n ? (found[s]! - found[s + 1]!) / largest : 1;
        if (gap > 1e-6) expect(Math.abs(carried - direct)).toBeLessThan((1e-12 / gap) * square);
      }
    }
  });

  it("agrees in sign between coefficients and vectors of simple eigenvalues", async () => {
    const seed = 41;
    const n = 70;
    const matrix = randomSymmetric(n, seed);
    const given = vectorsOf(n, 4, seed);
    const { coefficients, vectors } = await symmetricSpectrum(matrix, n, given, { leading: 12 });
    const direct = given.map((z) => Float64Array.from({ length: 12 }, (_, s) => dot(vectors.subarray(s * n, (s + 1) * n), z)));
    for (const [v, c] of coefficients.entries()) expect(furthest(c.subarray(0, 12), direct[v]!), `seed ${seed}`).toBeLessThan(1e-11);
  });

  it("separates Wilkinson's W21+, whose largest two eigenvalues agree in fourteen digits", async () => {
    const matrix = tridiagonal(Array.from({ length: 21 }, (_, i) => Math.abs(i - 10)), 1);
    const { values, vectors } = await symmetricSpectrum(matrix.slice(), 21, [], { leading: 21 });
    // Wilkinson, The Algebraic Eigenvalue Problem, p. 309.
    expect(values[0]).toBeCloseTo(10.746194182903, 11);
    expect(values[1]).toBeCloseTo(10.746194182903, 11);
    expect(values[20]).toBeCloseTo(-1.125441522119, 11);
    expect(defects(matrix, 21, values, vectors).orthogonality).toBeLessThan(1e-12);
  });

  it.each([150, -150, 300, -300])("is exact in scale: elements near 1e%i give the same spectrum times that", async (exponent) => {
    const n = 37;
    const matrix = randomSymmetric(n, 5);
    const given = vectorsOf(n, 2, 5);
    const plain = await symmetricSpectrum(matrix.slice(), n, given, { leading: 3 });
    const power = 2 ** Math.round(exponent * Math.log2(10));
    const scaled = await symmetricSpectrum(matrix.map((x) => x * power), n, given, { leading: 3 });
    expect(scaled.values).toEqual(plain.values.map((x) => x * power));
    expect(scaled.coefficients).toEqual(plain.coefficients);
    expect(scaled.vectors).toEqual(plain.vectors);
  });

  it("reads the upper triangle only", async () => {
    const n = 75;
    const matrix = randomSymmetric(n, 6);
    const expected = await symmetricSpectrum(matrix.slice(), n, [], { leading: 2 });
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) matrix[i * n + j] = NaN;
    expect(await symmetricSpectrum(matrix, n, [], { leading: 2 })).toEqual(expected);
  });

  it("works in place on a matrix from symmetricStorage, with the same result", async () => {
    const n = 70;
    const matrix = randomSymmetric(n, 8);
    const stored = symmetricStorage(n);
    stored.set(matrix);
    const given = vectorsOf(n, 1, 8);
    expect(await symmetricSpectrum(stored, n, given, { leading: 2 })).toEqual(await symmetricSpectrum(matrix, n, given, { leading: 2 }));
    expect(stored).toHaveLength(0);
  });

  it("works beyond the first two gigabytes of its memory, where large matrices reach", async () => {
    const n = 150;
    const matrix = randomSymmetric(n, 9);
    const arena = createArena();
    arena.reserve(3 * 2 ** 27);
    const address = arena.reserve(n * n);
    arena.view(address, n * n).set(matrix);
    const given = vectorsOf(n, 3, 9);
    expect(await symmetricSpectrum(matrixOf({ arena, address }, n), n, given, { leading: 5 })).toEqual(await symmetricSpectrum(matrix, n, given, { leading: 5 }));
  });

  it("names where a NaN or an infinity stands", async () => {
    const matrix = randomSymmetric(5, 1);
    matrix[2 * 5 + 3] = NaN;
    await expect(symmetricSpectrum(matrix, 5, [])).rejects.toMatchObject({ code: "NOT_FINITE", message: expect.stringContaining("row 2") as string });
    matrix[2 * 5 + 3] = Infinity;
    await expect(symmetricSpectrum(matrix, 5, [])).rejects.toMatchObject({ code: "NOT_FINITE" });
    await expect(symmetricSpectrum(randomSymmetric(5, 1), 5, [Float64Array.of(0, 0, NaN, 0, 0)])).rejects.toMatchObject({ code: "NOT_FINITE", message: expect.stringContaining("vector 0") as string });
  });

  it("refuses lengths that do not fit", async () => {
    await expect(symmetricSpectrum(new Float64Array(8), 3, [])).rejects.toThrow(RangeError);
    await expect(symmetricSpectrum(new Float64Array(9), 3, [new Float64Array(2)])).rejects.toThrow(RangeError);
    await expect(symmetricSpectrum(new Float64Array(9), 3, [], { leading: 4 })).rejects.toThrow(RangeError);
  });

  it("refuses a matrix beyond WebAssembly's 4 GiB by name", () => {
    expect(() => symmetricStorage(23_200)).toThrow(expect.objectContaining({ code: "MATRIX_TOO_LARGE" }) as Error);
  });

  it("stops when it is aborted, between panels and while other work waits", async () => {
    const stop = new AbortController();
    const n = 700;
    const running = symmetricSpectrum(randomSymmetric(n, 2), n, vectorsOf(n, 40, 2), { leading: 300, signal: stop.signal });
    setTimeout(() => stop.abort(), 0);
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("reports progress that never falls and ends at 1", async () => {
    const fractions: number[] = [];
    const n = 100;
    await symmetricSpectrum(randomSymmetric(n, 2), n, vectorsOf(n, 2, 2), { leading: 20, progress: (fraction) => fractions.push(fraction) });
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });
});
