import { turns } from "../onnx/control.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import type { Value } from "../onnx/value.ts";
import type { Group, Layout } from "./layout.ts";

/** Bytes of a strip of columns in float64, of all rows: small enough for the cache, deep enough for a product at full speed. */
const STRIP_BYTES = 6 * 2 ** 20;

/** Columns [from, to) of each group of rows, as float64; `from` and `to` are int64 [1]. */
const cut = (h: GraphBuilder, matrix: Value, groups: readonly Group[], from: Value, to: Value, width: number): Value[] => groups.map(({ from: row, rows }) => {
  if (rows === matrix.shape[0] && width === matrix.shape[1]) return h.cast(matrix, "float64");
  const starts = h.concat([h.ints([row]), from], 0);
  const ends = h.concat([h.ints([row + rows]), to], 0);
  return h.cast(h.op("Slice", [matrix, starts, ends, h.ints([0, 1])], [rows, width], matrix.dtype), "float64");
});

const rowsOf = (groups: readonly Group[]): number => groups.reduce((sum, group) => sum + group.rows, 0);

/**
 * The pieces of ABᵀ in float64, A [≥ rows, size] and B [≥ columns, size] (the same value on the diagonal): strips of columns that stay in the
 * cache are widened and multiplied one after the other. Cost: 2·size FLOPs for each entry of a piece.
 */
export const productOfRows = (g: GraphBuilder, layout: Layout, a: Value, b: Value): readonly Value[] => {
  const { rows, columns, pieces } = layout;
  const size = a.shape[1] ?? 1;
  const strips = Math.max(1, Math.round((8 * (rowsOf(rows) + (a === b ? 0 : rowsOf(columns))) * size) / STRIP_BYTES));
  const width = Math.ceil(size / strips);
  const add = (h: GraphBuilder, from: Value, to: Value, sums: readonly Value[]): Value[] => {
    const left = cut(h, a, rows, from, to, width);
    const right = a === b ? left : cut(h, b, columns, from, to, width);
    return pieces.map((piece, i) => h.op("Gemm", [left[piece.row], right[piece.column], sums[i]], piece.shape, "float64", { transB: 1 }));
  };
  if (strips === 1) return add(g, g.ints([0]), g.ints([size]), []);
  const zeros = pieces.map(({ shape }) => g.expand(g.scalar(0, { dtype: "float64" }), shape));
  return turns(g, (prefix) => new GraphBuilder(prefix), Math.ceil(size / width), zeros, (h, turn, sums) => {
    const from = h.op("Mul", [h.reshape(turn, [1]), h.ints([width])], [1], "int64");
    return add(h, from, h.op("Add", [from, h.ints([width])], [1], "int64"), sums);
  });
};
