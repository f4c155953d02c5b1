import { sizeOf } from "../../core/tensor.ts";
import { factorProgram, type FactorProgram } from "../../jacobian/factor-program.ts";
import { type Network, restrictedTo } from "../../jacobian/network.ts";
import { openRows } from "../../jacobian/rows.ts";
import { type RowSource, rowsOfMatrix } from "../../linalg/row-source.ts";
import { cotangentsOf } from "../cotangents.ts";
import { exactNames } from "../open-network.ts";
import type { Warning } from "../result.ts";
import { rowBatch } from "../run-sizes.ts";
import { type BlockShare, entriesOf, type MethodContext } from "./decomposition.ts";
import { type Differences, differences } from "./difference.ts";
import { oneSampleWarnings, refuseDifferencedLoss } from "./structure.ts";
import { SLICE_BYTES } from "./sizes.ts";

/** J of an analysis by its rows, with what is to be said about it. */
export interface RowsOfAnalysis {
  readonly source: RowSource;
  /** Names and entries of the parameters, in the order of J's columns. */
  readonly parameters: readonly { readonly name: string; readonly count: number }[];
  /** Cotangents of a sample that one run took. */
  readonly together: number;
  readonly warnings: readonly Warning[];
  /** ‖E‖_F of what was taken by differences. */
  readonly differenceError: number;
  dispose(): Promise<void>;
}

/** The program that writes the rows of the parameters that have rules; as `gramProgram`, with at most `most` cotangents of a sample in one run. */
export const rowsProgram = async ({ open, request }: Pick<MethodContext, "open" | "request">, most: number): Promise<FactorProgram> => {
  const { source, samples } = open;
  const names = exactNames(open);
  const at = async (batch: number): Promise<Network> => restrictedTo(await source.at(batch), names);
  const alone = async (batch: number): Promise<FactorProgram> => {
    const network = await at(batch);
    return factorProgram(network, network, samples, "rows");
  };
  if (source.fixedBatch !== null) return alone(source.fixedBatch);
  const sizes = rowBatch(open.network, samples, entriesOf(open), request.batch, open.room);
  const together = Math.min(sizes.together, most);
  const narrow = await at(sizes.batch);
  const program = factorProgram(narrow, together === 1 ? narrow : await at(sizes.batch * together), samples, "rows");
  return program.solo.length === 0 || sizes.batch === 1 ? program : alone(1);
};

/** Each row of two matrices after one another. */
const beside = (left: RowSource, { jacobian, columns }: Differences): RowSource => {
  const width = left.columns + columns;
  return {
    rows: left.rows,
    columns: width,
    visit: (take) => left.visit(({ from, count, values }) => {
      const joined = new Float64Array(count * width);
      for (let i = 0; i < count; i++) {
        joined.set(values.subarray(i * left.columns, (i + 1) * left.columns), i * width);
        joined.set(jacobian.subarray((from + i) * columns, (from + i + 1) * columns), i * width + left.columns);
      }
      return take({ from, count, values: joined });
    }),
  };
};

/**
 * Opens J by rows: the exact parameters' columns, then those taken by differences. `keep`: bytes that J may take to be kept between visits;
 * `slice`: those of a slice with its gradients.
 * The caller disposes of it. @throws LensError MEMORY, JACOBIAN_METHOD.
 */
export const openRowSource = async (context: MethodContext, keep: number, most = Infinity, slice = SLICE_BYTES): Promise<RowsOfAnalysis> => {
  const { open, request, progress, signal } = context;
  const exact = exactNames(open);
  refuseDifferencedLoss(context);
  const without = new Set(open.ruleless.map((r) => r.parameter));
  const own = without.size > 0 ? await differences(context, without) : null;
  const entries = ({ name, shape }: { readonly name: string; readonly shape: readonly number[] }): { name: string; count: number } => ({ name, count: sizeOf(shape) });
  const { parameters } = open.network.lowered;
  const ordered = [...parameters.filter((p) => exact.has(p.name)), ...parameters.filter((p) => without.has(p.name))].map(entries);
  const common = { parameters: ordered, differenceError: own?.error ?? 0 };
  if (exact.size === 0 && own) {
    return { ...common, source: rowsOfMatrix(own.jacobian, open.samples * open.network.outputs, own.columns), together: 1, warnings: own.warnings, dispose: () => Promise.resolve() };
  }
  const program = await rowsProgram(context, most);
  const rows = await openRows({ executor: open.runtime, program, weights: open.weights, batches: open.batches, cotangents: cotangentsOf(request.loss), samples: open.samples, slice: Math.min(slice, request.memory / 2), keep, progress, signal });
  return { ...common, source: own ? beside(rows, own) : rows, together: program.together, warnings: [...oneSampleWarnings(program), ...(own?.warnings ?? [])], dispose: () => rows.dispose() };
};

/** ‖J_ℓ‖_F² of every parameter from the squared norms of the columns. */
export const blocksOf = ({ parameters }: RowsOfAnalysis, squaredColumns: Float64Array): readonly BlockShare[] => {
  let at = 0;
  return parameters.map(({ name, count }) => ({ parameters: [name], squaredNorm: squaredColumns.subarray(at, (at += count)).reduce((sum, value) => sum + value, 0) }));
};
