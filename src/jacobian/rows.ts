import { LensError } from "../core/errors.ts";
import type { Progress } from "../core/progress.ts";
import { sizeOf } from "../core/tensor.ts";
import type { RowSlice, RowSource } from "../linalg/row-source.ts";
import type { FactorProgram } from "./factor-program.ts";
import { collectFactors, type CompiledFactors, compileFactors, type FactorInputs, type Pass } from "./factors.ts";

/** The factor program is written with all blocks as "rows". */
export interface RowsRequest extends FactorInputs {
  /** Bytes that a slice and its gradients may take. */
  readonly slice: number;
  /** Bytes that J may take to be kept for the next visit; recomputed each time where it does not fit. */
  readonly keep: number;
  readonly progress: Progress;
}

/** J [n·K, p], row i·K + k, columns in the order of the network's parameters, each flattened in C order. */
export interface JacobianRows extends RowSource {
  dispose(): Promise<void>;
}

/** Bytes of a number of J: as the network computes them. */
const widthOf = ({ network }: FactorProgram): number => (network.output.dtype === "float64" ? 8 : 4);

/** p: columns of the parameters of a program. */
const columnsOf = ({ network }: FactorProgram): number => network.lowered.parameters.reduce((sum, p) => sum + sizeOf(p.shape), 0);

/** Bytes of J for `samples` samples. */
export const rowBytes = (program: FactorProgram, samples: number): number => widthOf(program) * samples * program.network.outputs * columnsOf(program);

/** Where each block's columns begin; the order of `collectFactors`: blocks, then what is taken one sample at a time. */
const placesOf = (program: FactorProgram): { readonly at: number; readonly width: number }[] => {
  const places = new Map<string, { readonly at: number; readonly width: number }>();
  let at = 0;
  for (const { name, shape } of program.network.lowered.parameters) {
    places.set(name, { at, width: sizeOf(shape) });
    at += sizeOf(shape);
  }
  const names = [...program.blocks.map((block) => block.parameters[0] ?? ""), ...program.solo.map((solo) => solo.parameter.name)];
  return names.map((name) => places.get(name) ?? { at: 0, width: 0 });
};

/** A pass's gradients as rows of J; parameters that no output depends on keep columns of zeros. */
const asRows = (program: FactorProgram, pass: Pass, count: number): Float32Array | Float64Array => {
  const columns = columnsOf(program);
  const rows = widthOf(program) === 8 ? new Float64Array(count * columns) : new Float32Array(count * columns);
  const parts = [...pass.blocks.map((block) => block.g), ...pass.solo];
  placesOf(program).forEach(({ at, width }, b) => {
    const part = parts[b];
    if (part) for (let row = 0; row < count; row++) rows.set(part.subarray(row * width, (row + 1) * width), row * columns + at);
  });
  return rows;
};

/** Samples of a slice: a whole number of batches where more than one fits. @throws LensError MEMORY where not one sample does. */
const sliceOf = (program: FactorProgram, samples: number, bytes: number): number => {
  const each = 2 * rowBytes(program, 1);
  const fits = Math.min(samples, Math.floor(bytes / each));
  if (fits < 1) throw new LensError("MEMORY", `The rows of one sample take ${Math.ceil(each / 2 ** 20)} MiB; ${Math.floor(bytes / 2 ** 20)} MiB are allowed for a slice of them.`, "Allow more memory (--memory), take fewer parameters (--parameters), or use --method gram.");
  const { batch } = program.network;
  return fits < batch ? fits : Math.floor(fits / batch) * batch;
};

const visitor = (compiled: CompiledFactors, request: RowsRequest): RowSource["visit"] => {
  const { program, samples, progress, signal } = request;
  const classes = program.network.outputs;
  const size = sliceOf(program, samples, request.slice);
  const kept: RowSlice[] = [];
  const keeps = rowBytes(program, samples) <= request.keep;
  let complete = false;
  return async (take) => {
    if (complete) {
      for (const slice of kept) await take(slice);
      return;
    }
    kept.length = 0;
    let seen = 0;
    const done = (count: number): void => { progress(Math.min(1, (seen += count) / samples), `rows of the Jacobian: sample ${Math.min(seen, samples)}/${samples}`); };
    for (let from = 0; from < samples; from += size) {
      const to = Math.min(samples, from + size);
      const pass = await collectFactors({ ...request, compiled, from, to, signal, done });
      const count = (to - from) * classes;
      const slice: RowSlice = { from: from * classes, count, values: asRows(program, pass, count) };
      await take(slice);
      if (keeps) kept.push(slice);
    }
    complete = keeps;
  };
};

/**
 * The rows of J from per-sample gradients, computed a slice of samples at a time at each visit, or kept from the first one where J fits
 * `keep`. Cost of a computed visit: one forward and K backward passes over the samples. The caller disposes of it.
 * @throws LensError MEMORY, RUNTIME_LOAD; a visit RUNTIME_RUN, CANCELLED.
 */
export const openRows = async (request: RowsRequest): Promise<JacobianRows> => {
  const { executor, program, samples } = request;
  sliceOf(program, samples, request.slice);
  const compiled = await compileFactors(executor, program);
  return { rows: samples * program.network.outputs, columns: columnsOf(program), visit: visitor(compiled, request), dispose: () => compiled.dispose() };
};
