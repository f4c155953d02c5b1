import type { Gram } from "../../jacobian/gram.ts";
import type { Known } from "../../jacobian/known.ts";
import { mirror } from "../../jacobian/tiles.ts";
import type { StoredGram } from "./gram-store.ts";
import { placeSamples } from "./triangle.ts";

/** What a stored matrix has of the samples asked for. */
export interface Match {
  readonly stored: StoredGram;
  /** The samples asked for, those that are stored first, each group in the order asked for. */
  readonly order: Uint32Array;
  /** How many are stored. */
  readonly known: number;
  /** Place in the stored matrix of each of the first `known` samples of `order`. */
  readonly places: Uint32Array;
}

/** Whether a stored matrix will do where all products are to be in float64 (`exactProducts`), or need not be. */
export const isExactEnough = ({ rounding }: Pick<StoredGram, "rounding">, exactProducts = false): boolean => !exactProducts || rounding === null;

export const matchSamples = (stored: StoredGram, samples: readonly string[]): Match => {
  const placeOf = new Map(stored.samples.map((sample, place) => [sample, place]));
  const [old, fresh]: [number[], number[]] = [[], []];
  samples.forEach((sample, i) => (placeOf.has(sample) ? old : fresh).push(i));
  return { stored, order: Uint32Array.from([...old, ...fresh]), known: old.length, places: Uint32Array.from(old, (i) => placeOf.get(samples[i] ?? "") ?? 0) };
};

/** Entries `width` to a sample, of the samples at `places`. */
const pick = (values: Float64Array, places: Uint32Array, width: number): Float64Array => {
  const picked = new Float64Array(places.length * width);
  places.forEach((place, i) => { picked.set(values.subarray(place * width, (place + 1) * width), i * width); });
  return picked;
};

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** The Gram matrix of samples that are all stored, rows and columns in the order asked for. Cost: a pass over the result. */
export const wholeOf = ({ stored, places }: Match): Gram => {
  const { classes, samples, triangle, blocks } = stored;
  const size = places.length * classes;
  const matrix = new Float64Array(size * size);
  placeSamples(triangle, samples.length, classes, places, matrix, size);
  mirror(matrix, size);
  return {
    matrix, size,
    rounding: stored.rounding,
    outputs: pick(stored.outputs, places, classes),
    blocks: blocks.map(({ parameters, perSample, weighed }) => {
      const own = pick(perSample, places, 1);
      return { parameters, perSample: own, squaredNorm: sum(own), weighed: pick(weighed, places, 1) };
    }),
  };
};

/** The stored part of a matrix whose samples are in the order of `match.order`, for `compileGram`. */
export const knownOf = ({ stored, places, known }: Match): Known => ({
  samples: known,
  rounding: stored.rounding,
  place: ({ gram, size, norms }, outputs) => {
    placeSamples(stored.triangle, stored.samples.length, stored.classes, places, gram, size);
    outputs.set(pick(stored.outputs, places, stored.classes));
    stored.blocks.forEach(({ perSample, weighed }, b) => {
      norms.plain.set(pick(perSample, places, 1), b * norms.samples);
      norms.weighed?.set(pick(weighed, places, 1), b * norms.samples);
    });
  },
});

const swapSamples = (matrix: Float64Array, size: number, classes: number, a: number, b: number): void => {
  for (let k = 0; k < classes; k++) {
    const [first, second] = [(a * classes + k) * size, (b * classes + k) * size];
    const row = matrix.slice(first, first + size);
    matrix.copyWithin(first, second, second + size);
    matrix.set(row, second);
  }
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < classes; k++) {
      const [first, second] = [row * size + a * classes + k, row * size + b * classes + k];
      const value = matrix[first] ?? 0;
      matrix[first] = matrix[second] ?? 0;
      matrix[second] = value;
    }
  }
};

const scatter = (values: Float64Array, order: Uint32Array, width: number): Float64Array => {
  const placed = new Float64Array(values.length);
  order.forEach((sample, i) => { placed.set(values.subarray(i * width, (i + 1) * width), sample * width); });
  return placed;
};

/**
 * A Gram matrix whose i-th sample is number `order[i]` of those asked for, in the order asked for. The matrix is rearranged in place, by one
 * exchange for each sample that is not where it belongs: 4·nK·K moves each.
 */
export const inOrder = (gram: Gram, order: Uint32Array): Gram => {
  const classes = gram.size / order.length;
  const now = order.slice();
  for (let i = 0; i < now.length; i++) {
    for (let target = now[i] ?? i; target !== i; target = now[i] ?? i) {
      swapSamples(gram.matrix, gram.size, classes, i, target);
      now[i] = now[target] ?? target;
      now[target] = target;
    }
  }
  const blocks = gram.blocks.map((block) => ({ ...block, perSample: scatter(block.perSample, order, 1), weighed: block.weighed && scatter(block.weighed, order, 1) }));
  return { ...gram, outputs: scatter(gram.outputs, order, classes), blocks };
};
