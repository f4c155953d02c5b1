import { throwIfAborted } from "../core/errors.ts";
import { doublesOf, floatsOf, sizeOf, type Tensor } from "../core/tensor.ts";
import { deviceKernels } from "../autodiff/device/kernels.ts";
import type { Executor } from "../onnx/executor.ts";
import type { BlockNorms } from "./block-norms.ts";
import { compile } from "./compiled.ts";
import type { FactorProgram } from "./factor-program.ts";
import { fusedProgram } from "./fused-program.ts";
import type { Batches } from "./network.ts";
import type { Known } from "./known.ts";
import { type ProductRounding, roundingOfAll, RoundingMeter } from "./product-rounding.ts";
import { addOwn, addRounding, mirror } from "./tiles.ts";
import { unitCotangents } from "./unit-cotangents.ts";

interface FusedRun {
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly batches: Batches;
  readonly signal?: AbortSignal | undefined;
  readonly known?: Known | undefined;
}

/** The session of a fused Gram program. */
export interface CompiledFused {
  /**
   * The matrix, owned by the caller, f, [n·K], and the rounding of its products (`Gram.rounding`); fills the norms of the blocks. One call into
   * ONNX Runtime: it does not yield before it is done. @throws LensError RUNTIME_RUN, CANCELLED.
   */
  run(request: FusedRun, norms: BlockNorms): Promise<{ readonly matrix: Float64Array; readonly outputs: Float64Array; readonly rounding: ProductRounding | null }>;
  dispose(): Promise<void>;
}

const zerosLike = (shape: readonly number[], dtype: string): Tensor => (dtype === "float64" ? { dtype: "float64", shape, data: new Float64Array(sizeOf(shape)) } : { dtype: "float32", shape, data: new Float32Array(sizeOf(shape)) });

/** The whole matrix from the columns of the samples that were not known, and what is known. */
const extended = (columns: Float64Array, known: Known, outputs: Float64Array, norms: BlockNorms): Float64Array => {
  const size = outputs.length;
  const gram = new Float64Array(size * size);
  const width = columns.length / size;
  for (let row = 0; row < size; row++) gram.set(columns.subarray(row * width, (row + 1) * width), row * size + size - width);
  known.place({ gram, size, norms }, outputs);
  mirror(gram, size);
  return gram;
};

/** Loads the fused program for `samples` samples, the first `old` of them known: every run is given them. @throws LensError RUNTIME_LOAD. */
export const compileFused = async (executor: Executor, factors: FactorProgram, samples: number, old = 0): Promise<CompiledFused> => {
  const { program, batches: count, x, cotangents, outputs, matrix, own, rounding } = fusedProgram(factors, samples, { known: old, device: await deviceKernels(executor) });
  const { network } = factors;
  // Optimisations take as long as the rest of loading, and find nothing here: equal steps are one already.
  const compiled = await compile(executor, program, { optimise: "none" });
  const perBatch = unitCotangents(zerosLike(network.output.shape, network.output.dtype), 0, network.outputs);
  const all = zerosLike(cotangents.shape, cotangents.dtype);
  for (let b = 0; b < count; b++) floatsOf(all).set(floatsOf(perBatch), b * perBatch.data.length);
  return {
    async run({ weights, batches, signal, known }, norms) {
      throwIfAborted(signal);
      const rows = batches(0, count * network.batch);
      const made = await compiled.run({ ...weights, [x.name]: { ...rows, shape: x.shape }, [cotangents.name]: all });
      const f = Float64Array.from(floatsOf(made.get(outputs.name)).subarray(0, samples * network.outputs));
      const fresh = f.subarray(old * network.outputs);
      addOwn(norms, own, old, fresh, made);
      const columns = doublesOf(made.get(matrix.name));
      const meter = new RoundingMeter(network.outputs);
      addRounding(meter, rounding, made);
      return { matrix: known ? extended(columns, known, f, norms) : columns, outputs: f, rounding: roundingOfAll(known?.rounding ?? null, meter.found) };
    },
    dispose: () => compiled.dispose(),
  };
};
