import { turns } from "../onnx/control.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import type { Value } from "../onnx/value.ts";

/** Bytes of a strip of columns in float64, of all rows: small enough for the cache, deep enough for a product at full speed. */
const STRIP_BYTES = 6 * 2 ** 20;

/** Rows of a group: only products of groups on and below the diagonal are taken. */
const GROUP_ROWS = 96;

const MOST_GROUPS = 8;

/** A range of rows of a matrix, and its first row. */
interface Group { readonly from: number; readonly rows: number }

const groupsOf = (rows: number, count: number): Group[] => {
  const edges = Array.from({ length: count + 1 }, (_, i) => Math.round((i * rows) / count));
  return edges.slice(1).map((edge, i) => ({ from: edges[i] ?? 0, rows: edge - (edges[i] ?? 0) }));
};

/** One product of a group of rows of A with one of B. */
interface Piece { readonly left: number; readonly right: number; readonly shape: readonly [number, number] }

interface Side { readonly matrix: Value; readonly groups: readonly Group[] }

/** Columns [from, to) of each group of rows, as float64; `from` and `to` are int64 [1]. */
const cut = (h: GraphBuilder, { matrix, groups }: Side, from: Value, to: Value, width: number): Value[] => groups.map(({ from: row, rows }) => {
  if (rows === matrix.shape[0] && width === matrix.shape[1]) return h.cast(matrix, "float64");
  const starts = h.concat([h.ints([row]), from], 0);
  const ends = h.concat([h.ints([row + rows]), to], 0);
  return h.cast(h.op("Slice", [matrix, starts, ends, h.ints([0, 1])], [rows, width], matrix.dtype), "float64");
});

/** The pieces' products, summed over strips of columns. */
const products = (g: GraphBuilder, a: Side, b: Side, pieces: readonly Piece[]): readonly Value[] => {
  const size = a.matrix.shape[1] ?? 1;
  const rows = [...a.groups, ...(a === b ? [] : b.groups)].reduce((sum, group) => sum + group.rows, 0);
  const strips = Math.max(1, Math.round((8 * rows * size) / STRIP_BYTES));
  const width = Math.ceil(size / strips);
  const add = (h: GraphBuilder, from: Value, to: Value, sums: readonly Value[]): Value[] => {
    const left = cut(h, a, from, to, width);
    const right = a === b ? left : cut(h, b, from, to, width);
    return pieces.map((piece, i) => h.op("Gemm", [left[piece.left], right[piece.right], sums[i]], piece.shape, "float64", { transB: 1 }));
  };
  if (strips === 1) return add(g, g.ints([0]), g.ints([size]), []);
  const zeros = pieces.map(({ shape }) => g.expand(g.scalar(0, { dtype: "float64" }), shape));
  return turns(g, (prefix) => new GraphBuilder(prefix), Math.ceil(size / width), zeros, (h, turn, sums) => {
    const from = h.op("Mul", [h.reshape(turn, [1]), h.ints([width])], [1], "int64");
    return add(h, from, h.op("Add", [from, h.ints([width])], [1], "int64"), sums);
  });
};

/**
 * ABᵀ in float64 for rows [0, m) of A and [0, n) of B [≥ rows, size]: strips of columns that stay in the cache are widened and multiplied
 * one after the other. Cost: 2·m·n·size FLOPs.
 */
export const productOfRows = (g: GraphBuilder, a: Value, b: Value, m: number, n: number): Value => {
  const left = { matrix: a, groups: groupsOf(m, 1) };
  const [product] = products(g, left, { matrix: b, groups: groupsOf(n, 1) }, [{ left: 0, right: 0, shape: [m, n] }]);
  if (!product) throw new Error("one piece has one product");
  return product;
};

/** AAᵀ in the same way, by groups of rows on and below the diagonal. Cost: about m²·size FLOPs and the diagonal groups' other half. */
export const gramOfRows = (g: GraphBuilder, a: Value, m: number): Value => {
  const groups = groupsOf(m, Math.min(MOST_GROUPS, Math.ceil(m / GROUP_ROWS)));
  const pieces = groups.flatMap((one, left) => groups.slice(0, left + 1).map((other, right): Piece => ({ left, right, shape: [one.rows, other.rows] })));
  const side = { matrix: a, groups };
  const found = products(g, side, side, pieces);
  const at = new Map(pieces.map((piece, i) => [`${piece.left},${piece.right}`, found[i]]));
  const block = (row: number, column: number): Value => {
    const own = at.get(`${Math.max(row, column)},${Math.min(row, column)}`);
    if (!own) throw new Error("every pair of groups has a product");
    return column <= row ? own : g.transpose(own, [1, 0]);
  };
  return g.concat(groups.map((_, row) => g.concat(groups.map((__, column) => block(row, column)), 1)), 0);
};
