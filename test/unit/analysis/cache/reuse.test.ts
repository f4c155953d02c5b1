import { describe, expect, it } from "vitest";
import type { StoredGram } from "../../../../src/analysis/cache/gram-store.ts";
import { inOrder, knownOf, matchSamples, wholeOf } from "../../../../src/analysis/cache/reuse.ts";
import { triangleSize } from "../../../../src/analysis/cache/triangle.ts";
import { silent } from "../../../../src/core/progress.ts";
import { random } from "../../../../src/core/random.ts";
import { factorProgram } from "../../../../src/jacobian/factor-program.ts";
import { gram, type Gram, type GramRequest } from "../../../../src/jacobian/gram.ts";
import { factorBytes } from "../../../../src/jacobian/tile-blocks.ts";
import { prepare } from "../../../../src/jacobian/network.ts";
import { unitCotangents } from "../../../../src/jacobian/unit-cotangents.ts";
import { openRuntime } from "../../../../src/runtime/ort.ts";
import { drawnBatches, merged } from "../../jacobian/models.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const CLASSES = 3;

const named = (numbers: ArrayLike<number>): string[] => Array.from(numbers, (i) => `s${i}`);

/** Entry [i·K + k, j·K + l] of a made-up symmetric matrix that tells its own place. */
const entry = (i: number, k: number, j: number, l: number): number => (i * CLASSES + k) * (j * CLASSES + l) + (i + k) + (j + l);

const madeUp = (samples: readonly number[]): Gram => {
  const size = samples.length * CLASSES;
  const matrix = Float64Array.from({ length: size * size }, (_, e) => {
    const [row, column] = [Math.floor(e / size), e % size];
    return entry(samples[Math.floor(row / CLASSES)]!, row % CLASSES, samples[Math.floor(column / CLASSES)]!, column % CLASSES);
  });
  const perSample = Float64Array.from(samples, (i) => 100 + i);
  const block = { parameters: ["w"], perSample, squaredNorm: perSample.reduce((a, b) => a + b, 0), weighed: perSample.map((value) => -value) };
  return { matrix, size, outputs: Float64Array.from({ length: size }, (_, e) => 10 * samples[Math.floor(e / CLASSES)]! + (e % CLASSES)), blocks: [block], rounding: null };
};

const stored = ({ matrix, size, outputs, blocks, rounding }: Gram, samples: readonly string[], classes: number): StoredGram => {
  const triangle = new Float64Array(triangleSize(size));
  let at = 0;
  for (let i = 0; i < size; i++) for (let j = i; j < size; j++) triangle[at++] = matrix[i * size + j]!;
  return { key: "k", samples, classes, outputs, triangle, rounding, blocks: blocks.map((b) => ({ ...b, weighed: b.weighed ?? new Float64Array(samples.length) })), checks: { adjoint: null, finiteDifference: null }, alone: [] };
};

describe(`stored samples (seed ${SEED})`, () => {
  const draws = random(SEED, "orders");

  it("are found in any order, and any of them again and again", () => {
    for (let round = 0; round < 20; round++) {
      const order = Array.from(draws.permutation(9));
      const asked = [...Array.from(draws.permutation(9)).slice(0, 6), order[0]!];
      const match = matchSamples(stored(madeUp(order), named(order), CLASSES), named(asked));
      expect(match.known).toBe(7);
      expect(wholeOf(match)).toEqual(madeUp(asked));
    }
  });

  it("stand before new ones while these are computed, and go where they belong after", () => {
    for (let round = 0; round < 20; round++) {
      const asked = Array.from(draws.permutation(8));
      const match = matchSamples(stored(madeUp([1, 4, 6]), named([1, 4, 6]), CLASSES), named(asked));
      const computed = Array.from(match.order, (i) => asked[i]!);
      expect(new Set(computed.slice(0, match.known))).toEqual(new Set([1, 4, 6]));
      expect(inOrder(madeUp(computed), match.order)).toEqual(madeUp(asked));
    }
  });

  it("are not computed again: their numbers are taken as they are, also where memory holds the factors of a few samples only", async () => {
    const [samples, old] = [11, 5];
    const runtime = openRuntime("cpu", 1);
    const model = merged(SEED);
    const names = ["w", "b", "v"];
    const batches = drawnBatches(SEED, samples, [4, 3]);
    const weights = Object.fromEntries(names.map((name) => [name, model.graph.initializers.get(name)!.load()]));
    const at = (batch: number) => prepare(runtime, model, names, batches, batch);
    const program = factorProgram(await at(2), await at(4), samples);
    const request: GramRequest = { executor: runtime, program, weights, batches, cotangents: unitCotangents, samples, edge: 2, memory: 2 ** 30, progress: silent };
    const whole = await gram(request);
    const first = await gram({ ...request, samples: old });
    const marked = { ...first, matrix: first.matrix.map((value) => value + 1000) };
    const match = matchSamples(stored(marked, named(Array.from({ length: old }, (_, i) => i)), 2), named(Array.from({ length: samples }, (_, i) => i)));
    for (const memory of [2 ** 30, 8 * 22 ** 2 + 2 * 3 * factorBytes(program)]) {
      const extended = await gram({ ...request, memory, known: knownOf(match) });
      const scale = Math.max(...whole.matrix);
      extended.matrix.forEach((value, e) => {
        const known = Math.max(Math.floor(e / 22), e % 22) < old * 2;
        expect(Math.abs(value - (known ? 1000 : 0) - whole.matrix[e]!) / scale).toBeLessThan(known ? 1e-5 : 1e-6);
      });
      extended.blocks.forEach(({ perSample }, b) => { perSample.forEach((value, i) => { expect(value / whole.blocks[b]!.perSample[i]!).toBeCloseTo(1, 5); }); });
    }
  });
});
