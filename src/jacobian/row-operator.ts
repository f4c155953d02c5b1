import { throwIfAborted } from "../core/errors.ts";
import { float32, float64, floatsOf, type Tensor } from "../core/tensor.ts";
import type { LinearOperator } from "../linalg/operator.ts";
import type { RowSlice, RowSource } from "../linalg/row-source.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import type { Executor } from "../onnx/executor.ts";
import { type Compiled, compile } from "./compiled.ts";

/** A matrix that is seen by its rows, as an operator whose products run as graphs. */
export interface RowOperator extends LinearOperator {
  dispose(): Promise<void>;
}

type Floats = "float32" | "float64";

/** What a product is compiled for: rows of a slice, vectors, the type of the rows, and whether it is that with Jᵀ. */
interface Product {
  readonly rows: number;
  readonly count: number;
  readonly dtype: Floats;
  readonly transposed: boolean;
}

/** Numbers as a tensor of a type; copied only where they have another. */
const tensorOf = (dtype: Floats, shape: readonly number[], data: Float32Array | Float64Array): Tensor =>
  (dtype === "float32" ? float32(shape, data instanceof Float32Array ? data : Float32Array.from(data)) : float64(shape, data instanceof Float64Array ? data : Float64Array.from(data)));

/** A column-major block is [vectors, length] row-major, V and U: V·Rᵀ for the products with J, U·R for those with Jᵀ. */
const load = (executor: Executor, columns: number, { rows, count, dtype, transposed }: Product): Promise<Compiled> => {
  const g = new GraphBuilder("rows:", executor.capabilities);
  const r = g.input("rows", dtype, [1, rows, columns]);
  const x = g.input("vectors", dtype, [1, count, transposed ? rows : columns]);
  return compile(executor, g.finish([transposed ? g.matMul(x, r) : g.timesSwapped(x, r)]));
};

/** Rows from, …, from + some − 1 of every column of a block [size, count]. */
const partOf = (block: Float64Array, size: number, count: number, from: number, some: number): Float64Array => {
  const part = new Float64Array(some * count);
  for (let j = 0; j < count; j++) part.set(block.subarray(j * size + from, j * size + from + some), j * some);
  return part;
};

/**
 * A matrix that is seen by its rows as an operator: each call visits the rows once, whatever the number of vectors, and multiplies in the type of
 * the rows; sums over slices are float64. Cost: 2·rows·columns FLOPs for each vector. Memory: both blocks in float64, and one of them in the
 * type of the rows. The caller disposes of it. @throws what the source throws, LensError RUNTIME_LOAD, RUNTIME_RUN, CANCELLED.
 */
export const operatorOfRows = (executor: Executor, source: RowSource): RowOperator => {
  const { rows, columns } = source;
  const loaded = new Map<string, Promise<Compiled>>();
  const product = (own: Product): Promise<Compiled> => {
    const key = JSON.stringify(own);
    const known = loaded.get(key) ?? load(executor, columns, own);
    loaded.set(key, known);
    return known;
  };
  const multiply = async ({ count: some, values }: RowSlice, vectors: Float32Array | Float64Array, count: number, transposed: boolean): Promise<Float32Array | Float64Array> => {
    const dtype: Floats = values instanceof Float64Array ? "float64" : "float32";
    const compiled = await product({ rows: some, count, dtype, transposed });
    const made = await compiled.run({ rows: tensorOf(dtype, [1, some, columns], values), vectors: tensorOf(dtype, [1, count, transposed ? some : columns], vectors) });
    return floatsOf(made.get(compiled.program.outputs[0]?.name ?? ""));
  };
  return {
    rows,
    columns,
    async apply(block, count, signal) {
      const result = new Float64Array(rows * count);
      const given = block.subarray(0, columns * count);
      let single: Float32Array | null = null;
      await source.visit(async (slice) => {
        throwIfAborted(signal);
        const vectors = slice.values instanceof Float64Array ? given : (single ??= Float32Array.from(given));
        const found = await multiply(slice, vectors, count, false);
        for (let j = 0; j < count; j++) result.set(found.subarray(j * slice.count, (j + 1) * slice.count), j * rows + slice.from);
      });
      return result;
    },
    async applyTransposed(block, count, signal) {
      const result = new Float64Array(columns * count);
      await source.visit(async (slice) => {
        throwIfAborted(signal);
        const found = await multiply(slice, partOf(block, rows, count, slice.from, slice.count), count, true);
        for (let i = 0; i < found.length; i++) result[i]! += found[i]!;
      });
      return result;
    },
    async dispose() {
      for (const compiled of loaded.values()) await (await compiled).dispose();
    },
  };
};
