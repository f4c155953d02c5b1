import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { createArena } from "../../../src/linalg/arena.ts";
import { bestBuild, type KernelBuild } from "../../../src/linalg/kernels.ts";
import { dot, furthest, randomSymmetric } from "./support.ts";

const builds: readonly KernelBuild[] = bestBuild() === "relaxed" ? ["plain", "relaxed"] : ["plain"];
const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 33, 100, 2051];

describe.each(builds)("the %s kernels", (build) => {
  const arena = createArena(build);
  const place = (numbers: Float64Array): number => {
    const address = arena.reserve(numbers.length);
    arena.view(address, numbers.length).set(numbers);
    return address;
  };
  const draw = random(4, "kernels");

  it.each(sizes)("dot, axpy, scale and largest do what they say for %i numbers", (n) => {
    const [x, y] = [draw.normals(n), draw.normals(n)];
    const [px, py] = [place(x), place(y)];
    expect(arena.kernels.dot(n, px, py)).toBeCloseTo(dot(x, y), 10);
    expect(arena.kernels.largest(n, px)).toBe(x.reduce((a, b) => Math.max(a, Math.abs(b)), 0));
    arena.kernels.axpy(n, 0.5, px, py);
    expect(furthest(arena.view(py, n), y.map((value, i) => value + 0.5 * x[i]!))).toBeLessThan(1e-14);
    arena.kernels.scale(n, 3, px);
    expect(arena.view(px, n)).toEqual(x.map((value) => 3 * value));
  });

  it("largest passes NaN on from any place", () => {
    for (let i = 0; i < 7; i++) expect(arena.kernels.largest(7, place(Float64Array.from({ length: 7 }, (_, j) => (i === j ? NaN : j))))).toBeNaN();
  });

  it.each(sizes.slice(1, 12))("symmetricProduct reads the lower triangle and gives A·x for n = %i", (n) => {
    const a = randomSymmetric(n, n);
    const x = draw.normals(n);
    const expected = Float64Array.from({ length: n }, (_, i) => dot(a.subarray(i * n, (i + 1) * n), x));
    const lower = a.map((value, at) => (at % n >= Math.floor(at / n) ? value : NaN));
    const [pa, px, py] = [place(lower), place(x), arena.reserve(n)];
    arena.kernels.symmetricProduct(n, pa, 8 * n, px, py);
    expect(furthest(arena.view(py, n), expected)).toBeLessThan(1e-12);
  });

  it.each([[1, 1], [5, 3], [255, 4], [256, 7], [300, 48], [531, 10]])("symmetricTimesBlock reads the lower triangle and gives A·V for A [%i, ..] and %i columns", (m, k) => {
    const a = randomSymmetric(m, m);
    const v = draw.normals(m * k);
    const expected = Float64Array.from({ length: m * k }, (_, at) => dot(a.subarray((at % m) * m, ((at % m) + 1) * m), v.subarray(Math.floor(at / m) * m, (Math.floor(at / m) + 1) * m)));
    const lower = a.map((value, at) => (at % m >= Math.floor(at / m) ? value : NaN));
    const [pa, pv, py] = [place(lower), place(v), arena.reserve(m * k)];
    const [square, scratch] = [arena.reserve(arena.kernels.symmetricScratch() / 8), arena.reserve(arena.kernels.productScratch() / 8)];
    arena.kernels.symmetricTimesBlock(m, k, pa, 8 * m, pv, 8 * m, py, 8 * m, square, scratch);
    expect(furthest(arena.view(py, m * k), expected)).toBeLessThan(1e-11);
  });
});
