import { turns } from "../onnx/control.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import type { Value } from "../onnx/value.ts";
import { type Group, type Layout, sampledRows } from "./layout.ts";
import type { Product, ProductType } from "./product.ts";

/** Bytes of a strip of columns, of all rows: small enough for the cache, deep enough for a product at full speed. */
const STRIP_BYTES = 6 * 2 ** 20;

/** How the columns of a Jacobian are gone through: `count` strips of `width` units each, the last one perhaps narrower. */
interface Strips {
  readonly count: number;
  readonly width: number;
}

/** Columns of a strip in float32, at most: what is added up in float32. */
const MOST_COLUMNS = 2 ** 14;

/** Strips of whole units of `unit` columns each, `units` of them, for so many rows. */
const stripsOf = (rows: number, units: number, unit: number, type: ProductType): Strips => {
  const [bytes, least] = type === "float64" ? [8, 1] : [4, Math.ceil((units * unit) / MOST_COLUMNS)];
  const count = Math.max(1, Math.min(units, Math.max(least, Math.round((bytes * rows * units * unit) / STRIP_BYTES))));
  const width = Math.ceil(units / count);
  return { count: Math.ceil(units / width), width };
};

/** Units [from, to) of each group of rows of one side, in the type that they are multiplied in; `from` and `to` are int64 [1]. */
export type Cut = (h: GraphBuilder, groups: readonly Group[], from: Value, to: Value, strips: Strips) => readonly Value[];

/** The two sides of a product of Jacobians: how their strips are made, and of how many units of how many columns. On the diagonal both are one. */
export interface Sources {
  readonly left: Cut;
  readonly right: Cut;
  readonly units: number;
  readonly unit: number;
}

const rowsOf = (groups: readonly Group[]): number => groups.reduce((sum, group) => sum + group.rows, 0);

/** A·Bᵀ added to a sum in float64. The products of float32 numbers are exact there. */
const addProduct = (h: GraphBuilder, a: Value, b: Value, shape: readonly number[], sum: Value | undefined): Value => {
  if (a.dtype === "float64") return h.op("Gemm", [a, b, sum], shape, "float64", { transB: 1 });
  const product = h.cast(h.op("Gemm", [a, b], shape, a.dtype, { transB: 1 }), "float64");
  return sum ? h.op("Add", [sum, product], shape, "float64") : product;
};

/** Adds what the units [from, to) make to sums in float64; from nothing where there are none yet. */
type AddStrip = (h: GraphBuilder, from: Value, to: Value, sums: readonly Value[]) => readonly Value[];

/** The sums over all strips, of these shapes. */
const overStrips = (g: GraphBuilder, { count, width }: Strips, units: number, shapes: readonly (readonly number[])[], add: AddStrip): readonly Value[] => {
  if (count === 1) return add(g, g.ints([0]), g.ints([units]), []);
  const zeros = shapes.map((shape) => g.expand(g.scalar(0, { dtype: "float64" }), shape));
  return turns(g, (prefix) => new GraphBuilder(prefix, g.capabilities), count, zeros, (h, turn, sums) => {
    const from = h.op("Mul", [h.reshape(turn, [1]), h.ints([width])], [1], "int64");
    return add(h, from, h.op("Add", [from, h.ints([width])], [1], "int64"), sums);
  });
};

/**
 * The pieces of a product of Jacobians in float64, a strip of columns after the other: each is made and multiplied while it is in the cache, in
 * `type`, and added up in float64. On the diagonal, the rows of `layout.sampled` of strips in float32 are multiplied in float64 too. Cost:
 * 2·columns FLOPs for each entry of a piece, and what making the strips takes.
 */
export const productByStrips = (g: GraphBuilder, { rows, columns, pieces, sampled }: Layout, { left, right, units, unit }: Sources, type: ProductType): Product => {
  const strips = stripsOf(rowsOf(rows) + (left === right ? 0 : rowsOf(columns)), units, unit, type);
  const measured = type === "float32" && sampled ? { sampled, shape: [sampled.classes.length, sampled.classes.length] } : null;
  const add: AddStrip = (h, from, to, sums) => {
    const above = left(h, rows, from, to, strips);
    const beside = left === right ? above : right(h, columns, from, to, strips);
    const made = pieces.map(({ row, column, shape }, i) => {
      const [a, b] = [above[row], beside[column]];
      if (!a || !b) throw new Error("every piece has its rows and columns");
      return addProduct(h, a, b, shape, sums[i]);
    });
    if (!measured) return made;
    const exact = h.cast(sampledRows(h, measured.sampled, above), "float64");
    return [...made, addProduct(h, exact, exact, measured.shape, sums[pieces.length])];
  };
  const found = overStrips(g, strips, units, [...pieces.map(({ shape }) => shape), ...(measured ? [measured.shape] : [])], add);
  return { pieces: found.slice(0, pieces.length), exact: found[pieces.length] ?? null };
};

/** `rows` of a matrix, columns [from, to). */
const part = (h: GraphBuilder, value: Value, { from: row, rows }: Group, from: Value, to: Value, width: number): Value => {
  if (rows === value.shape[0] && width === value.shape[1]) return value;
  const starts = h.concat([h.ints([row]), from], 0);
  const ends = h.concat([h.ints([row + rows]), to], 0);
  return h.op("Slice", [value, starts, ends, h.ints([0, 1])], [rows, width, ...value.shape.slice(2)], value.dtype);
};

/** Strips of rows that are there, [≥ rows, size]. */
export const cutRows = (matrix: Value, type: ProductType): Cut => (h, groups, from, to, { width }) => groups.map((group) => h.cast(part(h, matrix, group, from, to, width), type));

/** One factor of a side: a [samples, in, T] and g [samples·K, out, T], in the float type of the network. */
export interface StripFactors {
  readonly a: Value;
  readonly g: Value;
}

/**
 * The gradients Σ_t g_{ik,t} a_{i,t}ᵀ of the outputs [from, to) of a layer for each group of rows, [rows, (to − from)·in]: entries in the order
 * of a weight [out, in]. A unit is one output; `outside` is where what all strips share is written. Cost: 2·T·in FLOPs for each row and output.
 */
export const writeRows = (outside: GraphBuilder, { a, g }: StripFactors, classes: number, type: ProductType): Cut => (h, groups, from, to, { width }) => groups.map((group) => {
  const [, inputs = 1, positions = 1] = a.shape;
  const samples = group.rows / classes;
  const own = outside.slice(a, [group.from / classes], [group.from / classes + samples], [0]);
  const cotangents = part(h, g, group, from, to, width);
  // The last strip may be narrower, which only −1 leaves open.
  const stacked = h.op("Reshape", [cotangents, h.ints([samples, -1, positions])], [samples, classes * width, positions], g.dtype);
  const product = h.turnsProducts(g) ? h.timesSwapped(stacked, own) : h.matMul(stacked, outside.swapLast(own));
  return h.cast(h.op("Reshape", [product, h.ints([group.rows, -1])], [group.rows, width * inputs], g.dtype), type);
});
