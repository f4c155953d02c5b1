import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";

const seed = process.env.SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.SEED);
console.log(`random: seed ${seed}`);

const N = 100_000;
const momentsOf = (values: Float64Array): readonly number[] => [1, 2, 3, 4].map((power) => values.reduce((sum, value) => sum + value ** power, 0) / values.length);
const correlation = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length;

/** Made by a second implementation (Python integers) of sfc32 seeded by FNV-1a. */
const KNOWN = [
  { seed: 0, stream: "labels", words: [152074148, 1796430397, 863530556, 2329660692, 4428321], order: [3, 4, 5, 7, 6, 1, 2, 0], normals: [-2.251440185180669, -1.7279477823663947, -2.3346278094317623] },
  { seed: 42, stream: "label permutations", words: [1308532845, 4282618986, 885646581, 508474278, 3571146318], order: [7, 4, 5, 3, 0, 1, 6, 2], normals: [1.5415249495334786, 1.3076352629852928, -0.4385861878275865] },
  { seed: 2147483647, stream: "probe", words: [3991225824, 2596033470, 97043448, 3245852529, 4056810446], order: [5, 1, 2, 6, 3, 0, 4, 7], normals: [-0.30346125814177705, 0.09916889786989241, 0.291869551787134] },
];

describe("random numbers are the same everywhere", () => {
  it.each(KNOWN)("seed $seed, stream $stream gives known words, permutation and normals", ({ seed: fixed, stream, words, order, normals }) => {
    const source = random(fixed, stream);
    expect(words.map(() => source.uniform() * 2 ** 32)).toEqual(words);
    expect(Array.from(random(fixed, stream).permutation(8))).toEqual(order);
    random(fixed, stream).normals(3).forEach((value, i) => expect(value).toBeCloseTo(normals[i]!, 12));
  });

  it("two sources of one seed and name agree number by number", () => {
    expect(random(seed, "a").normals(1000)).toEqual(random(seed, "a").normals(1000));
  });
});

describe("uniform numbers", () => {
  it("lie in [0, 1) with the moments 1/2, 1/3, 1/4, 1/5", () => {
    const source = random(seed, "uniform");
    const values = Float64Array.from({ length: N }, () => source.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    // Standard errors are below 1e-3; 6 of them leave no room for chance.
    momentsOf(values).forEach((moment, i) => expect(Math.abs(moment - 1 / (i + 2))).toBeLessThan(6e-3));
  });

  it("are spread evenly over integers, up to the bound and not beyond", () => {
    const source = random(seed, "integer");
    const counts = new Float64Array(7);
    for (let i = 0; i < 70_000; i++) counts[source.integer(7)]!++;
    expect(counts.reduce((a, b) => a + b, 0)).toBe(70_000);
    // χ² with 6 degrees of freedom exceeds 50 once in 10⁸ runs.
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(50);
    expect(random(seed, "one").integer(1)).toBe(0);
  });
});

describe("normal numbers", () => {
  it("have the moments 0, 1, 0, 3 and are finite", () => {
    const values = random(seed, "normal").normals(N);
    const [first, second, third, fourth] = momentsOf(values);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(Math.abs(first!)).toBeLessThan(6 / Math.sqrt(N));
    expect(Math.abs(second! - 1)).toBeLessThan(6 * Math.sqrt(2 / N));
    expect(Math.abs(third!)).toBeLessThan(6 * Math.sqrt(15 / N));
    expect(Math.abs(fourth! - 3)).toBeLessThan(6 * Math.sqrt(96 / N));
  });

  it("are not correlated with the next one", () => {
    const values = random(seed, "lag").normals(N);
    expect(Math.abs(correlation(values.subarray(1), values.subarray(0, -1)))).toBeLessThan(6 / Math.sqrt(N));
  });
});

describe("streams", () => {
  it.each([["another name", seed, "b"], ["another seed", seed + 1, "a"]])("of %s are independent", (_, otherSeed, name) => {
    const [one, other] = [random(seed, "a").normals(N), random(otherSeed, name).normals(N)];
    expect(Math.abs(correlation(one, other))).toBeLessThan(6 / Math.sqrt(N));
    expect(one.slice(0, 4)).not.toEqual(other.slice(0, 4));
  });

  it("do not disturb one another when their draws are mixed", () => {
    const [a, b] = [random(seed, "a"), random(seed, "b")];
    const mixed = Array.from({ length: 50 }, () => [a.uniform(), b.normal()] as const);
    const [a2, b2] = [random(seed, "a"), random(seed, "b")];
    expect(mixed.map(([first]) => first)).toEqual(mixed.map(() => a2.uniform()));
    expect(mixed.map(([, second]) => second)).toEqual(mixed.map(() => b2.normal()));
  });

  it("of neighbouring seeds begin apart", () => {
    const first = new Set(Array.from({ length: 1000 }, (_, i) => random(i, "a").uniform()));
    expect(first.size).toBe(1000);
  });
});

describe("permutations", () => {
  it.each([0, 1, 2, 17, 1000])("of %i numbers hold each exactly once", (n) => {
    const order = random(seed, "permutation").permutation(n);
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  it("come out equally often", () => {
    const source = random(seed, "equal");
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const key = source.permutation(4).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // χ² with 23 degrees of freedom exceeds 85 once in 10⁸ runs.
    expect([...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(85);
  });
});
