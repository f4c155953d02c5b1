import { throwIfAborted } from "../core/errors.ts";
import { floatsOf, sizeOf, type Tensor } from "../core/tensor.ts";
import type { Executor } from "../onnx/executor.ts";
import { addNorms } from "./block-norms.ts";
import { compile } from "./compiled.ts";
import type { FactorProgram } from "./factor-program.ts";
import { fusedProgram } from "./fused-program.ts";
import type { Batches } from "./network.ts";
import type { Known } from "./known.ts";
import { mirror, type Target } from "./tiles.ts";
import { unitCotangents } from "./unit-cotangents.ts";

interface FusedRun {
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly batches: Batches;
  readonly signal?: AbortSignal | undefined;
  readonly known?: Known | undefined;
}

/** The session of a fused Gram program. */
export interface CompiledFused {
  /** Fills the whole target and returns f, [n·K]. One call into ONNX Runtime: it does not yield before it is done. @throws LensError RUNTIME_RUN, CANCELLED. */
  run(request: FusedRun, target: Target): Promise<Float64Array>;
  dispose(): Promise<void>;
}

const zerosLike = (shape: readonly number[], dtype: string): Tensor => (dtype === "float64" ? { dtype: "float64", shape, data: new Float64Array(sizeOf(shape)) } : { dtype: "float32", shape, data: new Float32Array(sizeOf(shape)) });

/** Enters the columns from number `first` on, for all rows. */
const place = ({ gram, size }: Target, columns: Float32Array | Float64Array, first: number): void => {
  const width = size - first;
  if (first === 0) gram.set(columns);
  else for (let row = 0; row < size; row++) gram.set(columns.subarray(row * width, (row + 1) * width), row * size + first);
};

/** Loads the fused program for `samples` samples, the first `old` of them known: every run is given them. @throws LensError RUNTIME_LOAD. */
export const compileFused = async (executor: Executor, factors: FactorProgram, samples: number, old = 0): Promise<CompiledFused> => {
  const { program, batches: count, x, cotangents, outputs, matrix, own } = fusedProgram(factors, samples, old);
  const { network } = factors;
  const compiled = await compile(executor, program);
  const perBatch = unitCotangents(zerosLike(network.output.shape, network.output.dtype), 0, network.outputs);
  const all = zerosLike(cotangents.shape, cotangents.dtype);
  for (let b = 0; b < count; b++) floatsOf(all).set(floatsOf(perBatch), b * perBatch.data.length);
  return {
    async run({ weights, batches, signal, known }, target) {
      throwIfAborted(signal);
      const rows = batches(0, count * network.batch);
      const made = await compiled.run({ ...weights, [x.name]: { ...rows, shape: x.shape }, [cotangents.name]: all });
      const f = Float64Array.from(floatsOf(made.get(outputs.name)).subarray(0, samples * network.outputs));
      place(target, floatsOf(made.get(matrix.name)), old * network.outputs);
      const fresh = f.subarray(old * network.outputs);
      own.forEach((value, b) => { addNorms(target.norms, b, old, fresh, floatsOf(made.get(value.name))); });
      known?.place(target, f);
      if (old > 0) mirror(target.gram, target.size);
      return f;
    },
    dispose: () => compiled.dispose(),
  };
};
