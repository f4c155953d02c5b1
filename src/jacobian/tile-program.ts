import type { GraphBuilder } from "../onnx/builder.ts";
import { GraphBuilder as Builder } from "../onnx/builder.ts";
import type { Program, Value } from "../onnx/value.ts";
import { type DType, int64 } from "../core/tensor.ts";
import type { Form } from "./form.ts";

/** What a tile needs to know of a block: its form, and the entries of a sample in `a` and `g`. */
export interface TileBlock {
  readonly form: Form;
  readonly a: number;
  readonly g: number;
  readonly positions: number;
  readonly withBias: boolean;
}

/** Names of the feeds of a tile: block b, side 0 (rows) or 1 (columns). */
export const feedName = (what: "a" | "g", block: number, side: 0 | 1): string => `${what}${block}:${side}`;

/**
 * The program of one tile of JJᵀ for `m` samples against `n`: [m·K, n·K] in float64, and on the diagonal each block's own part of every
 * sample with itself, [m, K, K]: their traces are ‖J_ℓ‖_F² sample by sample.
 */
export interface TileProgram {
  readonly program: Program;
  readonly tile: Value;
  readonly own: readonly Value[];
}

/** A·Bᵀ for two-dimensional operands. */
const timesTransposed = (g: GraphBuilder, a: Value, b: Value): Value => g.op("Gemm", [a, b], [a.shape[0] ?? 1, b.shape[0] ?? 1], a.dtype, { transB: 1 });

/** A feed in the type that the factors were computed in, widened: the products of float32 numbers are then exact to float64. */
const wide = (g: GraphBuilder, name: string, dtype: DType, shape: readonly number[]): Value => g.cast(g.input(name, dtype, shape), "float64");

interface Sides {
  readonly m: number;
  readonly n: number;
  readonly classes: number;
  readonly dtype: DType;
  /** The side that the columns are fed from: that of the rows on the diagonal, so that nothing is fed or widened twice. */
  readonly columns: 0 | 1;
}

const hadamard = (g: GraphBuilder, block: TileBlock, index: number, { m, n, classes: k, dtype, columns }: Sides): Value => {
  const a = timesTransposed(g, wide(g, feedName("a", index, 0), dtype, [m, block.a]), wide(g, feedName("a", index, columns), dtype, [n, block.a]));
  const c = timesTransposed(g, wide(g, feedName("g", index, 0), dtype, [m * k, block.g]), wide(g, feedName("g", index, columns), dtype, [n * k, block.g]));
  const weight = block.withBias ? g.shift(a, 1) : a;
  return g.reshape(g.mul(g.reshape(c, [m, k, n, k]), g.reshape(weight, [m, 1, n, 1])), [m * k, n * k]);
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
const overPositions = (pair: typeof timesTransposed) => (g: GraphBuilder, block: TileBlock, index: number, { m, n, classes: k, dtype, columns }: Sides): Value => {
  const t = block.positions;
  const feed = (what: "a" | "g", side: 0 | 1, count: number, width: number): Value => g.reshape(wide(g, feedName(what, index, side), dtype, [count, t * width]), [count, t, width]);
  const [a, b] = [feed("a", 0, m, block.a / t), feed("a", columns, n, block.a / t)];
  const [c, d] = [feed("g", 0, m * k, block.g / t), feed("g", columns, n * k, block.g / t)];
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
  return g.sumOf(...parts) ?? g.filled(0, [m * k, n * k], "float64");
};

const rowsForm = (g: GraphBuilder, block: TileBlock, index: number, { m, n, classes: k, dtype, columns }: Sides): Value =>
  timesTransposed(g, wide(g, feedName("g", index, 0), dtype, [m * k, block.g]), wide(g, feedName("g", index, columns), dtype, [n * k, block.g]));

const FORMS = { hadamard, implicit: overPositions(timesTransposed), lookup: overPositions(sameRow), rows: rowsForm } as const;

/** The K×K blocks on the diagonal of a square part [m·K, m·K], [m, K, K]: picked, nothing else is read. */
export const diagonalBlocks = (g: GraphBuilder, part: Value, m: number, k: number): Value => {
  if (m === 1) return g.reshape(part, [1, k, k]);
  const places = Array.from({ length: m * k * k }, (_, e) => (Math.floor(e / k) * m + Math.floor(e / (k * k))) * k + (e % k));
  return g.op("Gather", [g.reshape(part, [m * k * m * k]), g.constant(int64([m, k, k], places), "diagonal")], [m, k, k], part.dtype, { axis: 0 });
};

/**
 * Sums the blocks' parts. Products and sums are float64, so that G is the Gram matrix of the float32 gradients to 1e-16 and small singular
 * values keep their digits: rounding G itself to float32 would drown everything below 3.5e-4·λ₁ (THEORY §9). Cost: the products of each form.
 */
export const tileProgram = (blocks: readonly TileBlock[], m: number, n: number, classes: number, dtype: DType, diagonal: boolean): TileProgram => {
  const g = new Builder("tile:");
  const parts = blocks.map((block, index) => FORMS[block.form](g, block, index, { m, n, classes, dtype, columns: diagonal ? 0 : 1 }));
  const tile = g.sumOf(...parts) ?? g.filled(0, [m * classes, n * classes], "float64");
  const own = diagonal ? parts.map((part) => diagonalBlocks(g, part, m, classes)) : [];
  return { program: g.finish([tile, ...own]), tile, own };
};
