import { turns } from "../onnx/control.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import type { Value } from "../onnx/value.ts";
import type { Group, Layout } from "./layout.ts";

/** Bytes of a strip of columns in float64, of all rows: small enough for the cache, deep enough for a product at full speed. */
const STRIP_BYTES = 6 * 2 ** 20;

/** How the columns of a Jacobian are gone through: `count` strips of `width` units each, the last one perhaps narrower. */
interface Strips {
  readonly count: number;
  readonly width: number;
}

/** Strips of whole units of `unit` columns each, `units` of them, for so many rows. */
const stripsOf = (rows: number, units: number, unit: number): Strips => {
  const count = Math.max(1, Math.min(units, Math.round((8 * rows * units * unit) / STRIP_BYTES)));
  const width = Math.ceil(units / count);
  return { count: Math.ceil(units / width), width };
};

/** Units [from, to) of each group of rows of one side, in float64; `from` and `to` are int64 [1]. */
export type Cut = (h: GraphBuilder, groups: readonly Group[], from: Value, to: Value, strips: Strips) => readonly Value[];

/** The two sides of a product of Jacobians: how their strips are made, and of how many units of how many columns. On the diagonal both are one. */
export interface Sources {
  readonly left: Cut;
  readonly right: Cut;
  readonly units: number;
  readonly unit: number;
}

const rowsOf = (groups: readonly Group[]): number => groups.reduce((sum, group) => sum + group.rows, 0);

/**
 * The pieces of a product of Jacobians in float64, a strip of columns after the other: each is made, widened and multiplied while it is in the
 * cache. Cost: 2·columns FLOPs for each entry of a piece, and what making the strips takes.
 */
export const productByStrips = (g: GraphBuilder, { rows, columns, pieces }: Layout, { left, right, units, unit }: Sources): readonly Value[] => {
  const strips = stripsOf(rowsOf(rows) + (left === right ? 0 : rowsOf(columns)), units, unit);
  const add = (h: GraphBuilder, from: Value, to: Value, sums: readonly Value[]): Value[] => {
    const above = left(h, rows, from, to, strips);
    const beside = left === right ? above : right(h, columns, from, to, strips);
    return pieces.map((piece, i) => h.op("Gemm", [above[piece.row], beside[piece.column], sums[i]], piece.shape, "float64", { transB: 1 }));
  };
  if (strips.count === 1) return add(g, g.ints([0]), g.ints([units]), []);
  const zeros = pieces.map(({ shape }) => g.expand(g.scalar(0, { dtype: "float64" }), shape));
  return turns(g, (prefix) => new GraphBuilder(prefix, g.capabilities), strips.count, zeros, (h, turn, sums) => {
    const from = h.op("Mul", [h.reshape(turn, [1]), h.ints([strips.width])], [1], "int64");
    return add(h, from, h.op("Add", [from, h.ints([strips.width])], [1], "int64"), sums);
  });
};

/** `rows` of a matrix, columns [from, to). */
const part = (h: GraphBuilder, value: Value, { from: row, rows }: Group, from: Value, to: Value, width: number): Value => {
  if (rows === value.shape[0] && width === value.shape[1]) return value;
  const starts = h.concat([h.ints([row]), from], 0);
  const ends = h.concat([h.ints([row + rows]), to], 0);
  return h.op("Slice", [value, starts, ends, h.ints([0, 1])], [rows, width, ...value.shape.slice(2)], value.dtype);
};

/** Strips of rows that are there, [≥ rows, size]. */
export const cutRows = (matrix: Value): Cut => (h, groups, from, to, { width }) => groups.map((group) => h.cast(part(h, matrix, group, from, to, width), "float64"));

/** One factor of a side: a [samples, in, T] and g [samples·K, out, T], in the float type of the network. */
export interface StripFactors {
  readonly a: Value;
  readonly g: Value;
}

/**
 * The gradients Σ_t g_{ik,t} a_{i,t}ᵀ of the outputs [from, to) of a layer for each group of rows, [rows, (to − from)·in]: entries in the order
 * of a weight [out, in]. A unit is one output; `outside` is where what all strips share is written. Cost: 2·T·in FLOPs for each row and output.
 */
export const writeRows = (outside: GraphBuilder, { a, g }: StripFactors, classes: number): Cut => (h, groups, from, to, { width }) => groups.map((group) => {
  const [, inputs = 1, positions = 1] = a.shape;
  const samples = group.rows / classes;
  const own = outside.slice(a, [group.from / classes], [group.from / classes + samples], [0]);
  const cotangents = part(h, g, group, from, to, width);
  // The last strip may be narrower, which only −1 leaves open.
  const stacked = h.op("Reshape", [cotangents, h.ints([samples, -1, positions])], [samples, classes * width, positions], g.dtype);
  const product = h.turnsProducts(g) ? h.timesSwapped(stacked, own) : h.matMul(stacked, outside.swapLast(own));
  return h.cast(h.op("Reshape", [product, h.ints([group.rows, -1])], [group.rows, width * inputs], g.dtype), "float64");
});
