import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { gramMatrix, matrixProduct } from "../../../src/linalg/matrix-product.ts";
import { furthest } from "./support.ts";

/** A·B by its definition. */
const byDefinition = (a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array =>
  Float64Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + j]!;
    return sum;
  });

const transposed = (a: Float64Array, m: number, k: number): Float64Array => Float64Array.from({ length: m * k }, (_, at) => a[(at % m) * k + Math.floor(at / m)]!);

const seed = 12;
const shapes = [[1, 1, 1], [3, 5, 2], [4, 4, 4], [65, 70, 71], [130, 300, 17], [97, 513, 33], [5, 40, 1500]] as const;

describe("matrixProduct", () => {
  it.each(shapes)("multiplies [%i, %i] by [.., %i] as the definition says", (m, k, n) => {
    const draw = random(seed, "product");
    const [a, b] = [draw.normals(m * k), draw.normals(k * n)];
    expect(furthest(matrixProduct(a, b, m, k, n), byDefinition(a, b, m, k, n)), `seed ${seed}`).toBeLessThan(1e-11);
  });

  it("refuses lengths that do not fit", () => {
    expect(() => matrixProduct(new Float64Array(4), new Float64Array(5), 2, 2, 2)).toThrow(RangeError);
    expect(() => gramMatrix(new Float64Array(4), 3, 2, "rows")).toThrow(RangeError);
  });
});

describe("gramMatrix", () => {
  it.each(shapes)("gives A·Aᵀ and Aᵀ·A of a [%i, %i] matrix, both triangles", (m, k) => {
    const a = random(seed, "gram").normals(m * k);
    const t = transposed(a, m, k);
    expect(furthest(gramMatrix(a, m, k, "rows"), byDefinition(a, t, m, k, m)), `seed ${seed}`).toBeLessThan(1e-11);
    expect(furthest(gramMatrix(a, m, k, "columns"), byDefinition(t, a, k, m, k)), `seed ${seed}`).toBeLessThan(1e-11);
  });

  it("takes a long matrix in pieces", () => {
    const [m, k] = [300, 5000];
    const a = random(seed, "long").normals(m * k);
    const gram = gramMatrix(a, m, k, "rows");
    for (const [i, j] of [[0, 0], [17, 299], [299, 3]] as const) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p]! * a[j * k + p]!;
      expect(gram[i * m + j]).toBeCloseTo(sum, 8);
    }
  });
});
