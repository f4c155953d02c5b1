import { random } from "../../../../src/core/random.ts";
import type { FreshGram } from "../../../../src/analysis/cache/gram-store.ts";

/** A store's entry for drawn numbers: `samples` names them, K rows each. */
export const smallGram = (seed: number, key: string, samples: readonly string[], classes = 2): FreshGram => {
  const draws = random(seed, `${key} ${samples.join()}`);
  const size = samples.length * classes;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = i; j < size; j++) matrix[i * size + j] = matrix[j * size + i] = draws.normal();
  const block = (name: string) => ({ parameters: [name, `${name}.bias`], perSample: draws.normals(samples.length), weighed: draws.normals(samples.length) });
  return {
    key, samples, classes, matrix,
    rounding: { parallel: 2e-8, others: 1e-9, alike: 0 },
    outputs: draws.normals(size),
    blocks: [block("a"), block("b")],
    checks: { adjoint: { error: 1e-8, tolerance: 1e-4, passed: true }, finiteDifference: null },
    alone: [{ parameter: "w", node: "softmax" }],
  };
};
