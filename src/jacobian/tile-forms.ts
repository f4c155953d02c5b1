import type { GraphBuilder } from "../onnx/builder.ts";
import type { Value } from "../onnx/value.ts";
import type { Form } from "./form.ts";
import { cutTile, type Layout, type Sides } from "./layout.ts";
import type { Product, ProductType } from "./product.ts";
import { cutRows, productByStrips, type StripFactors, writeRows } from "./strips.ts";

/** What a tile needs to know of a block: its form, and the entries of a sample in `a` and `g`. */
export interface TileBlock {
  readonly form: Form;
  readonly a: number;
  readonly g: number;
  readonly positions: number;
  readonly withBias: boolean;
  /** What its rows are multiplied in. */
  readonly products: ProductType;
}

/** A·Bᵀ for two-dimensional operands. */
const timesTransposed = (g: GraphBuilder, a: Value, b: Value): Value => g.op("Gemm", [a, b], [a.shape[0] ?? 1, b.shape[0] ?? 1], a.dtype, { transB: 1 });

/** A block's values of one side, in the type that the factors were computed in: a [≥ samples, …], g [≥ samples·K, …]. */
export interface Operands {
  readonly a: Value | null;
  readonly g: Value;
}

/** A block's part of a tile. */
export type FormProgram = (g: GraphBuilder, block: TileBlock, rows: Operands, columns: Operands, sides: Sides, layout: Layout) => Product;

/** The first `count` rows of a feed, widened: the products of float32 numbers are then exact to float64. */
const wide = (g: GraphBuilder, value: Value | null, count: number): Value => {
  if (!value) throw new Error("a form of two factors has both");
  return g.cast(g.slice(value, [0], [count], [0]), "float64");
};

/** Rows of a Jacobian against rows: ABᵀ, or AAᵀ on the diagonal. */
export const ofRows: FormProgram = (g, { products }, rows, columns, _, layout) => {
  const left = cutRows(rows.g, products);
  return productByStrips(g, layout, { left, right: rows.g === columns.g ? left : cutRows(columns.g, products), units: rows.g.shape[1] ?? 1, unit: 1 }, products);
};

/** The same from the factors of the gradients. */
const ofStrips: FormProgram = (g, block, rows, columns, { classes }, layout) => {
  const t = block.positions;
  const [inputs, outputs] = [block.a / t, block.g / t];
  const factors = (own: Operands): StripFactors => {
    if (!own.a) throw new Error("a form of two factors has both");
    return { a: g.reshape(own.a, [own.a.shape[0] ?? 1, inputs, t]), g: g.reshape(own.g, [own.g.shape[0] ?? 1, outputs, t]) };
  };
  const { products } = block;
  const left = writeRows(g, factors(rows), classes, products);
  return productByStrips(g, layout, { left, right: rows === columns ? left : writeRows(g, factors(columns), classes, products), units: outputs, unit: inputs }, products);
};

const hadamard: FormProgram = (g, block, rows, columns, sides, layout) => {
  const { m, n, classes: k } = sides;
  const a = timesTransposed(g, wide(g, rows.a, m), wide(g, columns.a, n));
  const weight = block.withBias ? g.shift(a, 1) : a;
  const { pieces } = ofRows(g, block, rows, columns, sides, layout);
  const weighed = pieces.map((piece, i) => {
    const { row = 0, column = 0, shape = [0, 0] } = layout.pieces[i] ?? {};
    const [p, q] = [shape[0] / k, shape[1] / k];
    const [top, left] = [(layout.rows[row]?.from ?? 0) / k, (layout.columns[column]?.from ?? 0) / k];
    const own = g.reshape(g.slice(weight, [top, left], [top + p, left + q], [0, 1]), [p, 1, q, 1]);
    return g.reshape(g.mul(g.reshape(piece, [p, k, q, k]), own), shape);
  });
  return { pieces: weighed, exact: null };
};

/** Entries of an elementwise intermediate of the implicit forms. */
const PIECE = 2 ** 24;

/** Ranges of positions of which two fit a piece. */
const rangesOf = (positions: number, pairs: number): { readonly from: number; readonly to: number }[] => {
  const size = Math.max(1, Math.min(positions, Math.floor(Math.sqrt(PIECE / pairs))));
  return Array.from({ length: Math.ceil(positions / size) }, (_, i) => ({ from: i * size, to: Math.min(positions, (i + 1) * size) }));
};

/** 1 where two positions pick the same row, else 0: [m·t, n·s] from row numbers [m·t, 1] and [n·s, 1]. */
const sameRow = (g: GraphBuilder, a: Value, b: Value): Value => g.cast(g.equal(a, g.reshape(b, [1, b.shape[0] ?? 1])), "float64");

/** Σ_{t,s} ⟨a_{i,t}, a_{j,s}⟩(g_{ik,t}·g_{jl,s}), a piece of positions at a time; `pair` says what ⟨·,·⟩ is. */
const overPositions = (pair: typeof timesTransposed): FormProgram => (g, block, rows, columns, { m, n, classes: k }, layout) => {
  const t = block.positions;
  const split = (value: Value | null, count: number, width: number): Value => g.reshape(wide(g, value, count), [count, t, width]);
  const [a, b] = [split(rows.a, m, block.a / t), split(columns.a, n, block.a / t)];
  const [c, d] = [split(rows.g, m * k, block.g / t), split(columns.g, n * k, block.g / t)];
  const piece = (value: Value, { from, to }: { readonly from: number; readonly to: number }): Value => {
    const cut = g.slice(value, [from], [to], [1]);
    return g.reshape(cut, [(value.shape[0] ?? 1) * (to - from), value.shape[2] ?? 1]);
  };
  const ranges = rangesOf(t, m * k * n * k);
  const parts = ranges.flatMap((one) => ranges.map((two) => {
    const [p, q] = [one.to - one.from, two.to - two.from];
    const inputs = pair(g, piece(a, one), piece(b, two));
    const outputs = timesTransposed(g, piece(c, one), piece(d, two));
    const product = g.mul(g.reshape(outputs, [m, k, p, n, k, q]), g.reshape(inputs, [m, 1, p, n, 1, q]));
    return g.reshape(g.sum(product, [2, 5]), [m * k, n * k]);
  }));
  return { pieces: cutTile(g, layout, g.sumOf(...parts) ?? g.filled(0, [m * k, n * k], "float64")), exact: null };
};

/** How each form is computed. */
export const FORMS: Readonly<Record<Form, FormProgram>> = { hadamard, implicit: overPositions(timesTransposed), lookup: overPositions(sameRow), rows: ofRows, strips: ofStrips };
