import type { GraphBuilder } from "../onnx/builder.ts";
import type { Program, Value } from "../onnx/value.ts";
import type { DType } from "../core/tensor.ts";
import { assemble, type Layout, layoutOf, ownBlocks, type Sampled, type Sides } from "./layout.ts";
import type { Product } from "./product.ts";
import { NARROW } from "./tile-blocks.ts";
import { FORMS, ofRows, type Operands, type TileBlock } from "./tile-forms.ts";

/** Names of the feeds of a tile: block b, side 0 (rows) or 1 (columns). */
export const feedName = (what: "a" | "g", block: number, side: 0 | 1): string => `${what}${block}:${side}`;

/** A tile of values that are there: the sum of the blocks' parts, and on the diagonal each block's own. */
export interface Tile {
  readonly tile: Value;
  readonly own: readonly Value[];
  /** On the diagonal, what products in float32 did to the entries of some rows with one another, [count, count]; null where none were. */
  readonly rounding: { readonly errors: Value; readonly sampled: Sampled } | null;
}

/**
 * The program of one tile of JJᵀ for `m` samples against `n`: [m·K, n·K] in float64, and on the diagonal each block's own part of every
 * sample with itself, [m, K, K]: their traces are ‖J_ℓ‖_F² sample by sample.
 */
export interface TileProgram extends Tile {
  readonly program: Program;
}

/** A group of blocks whose parts are added up in one product, and each block's own part of every sample with itself. */
interface Part extends Product {
  readonly own: ReadonlyMap<number, Value>;
}

/** Entries up to which the rows of several blocks are stacked for one product: more would be held at once, several times over. */
const STACKED = 2 ** 18;

/** A block of rows and its number. */
interface Numbered {
  readonly number: number;
  readonly rows: Value;
}

/** The blocks in their order, as many of one width together as are stacked. */
const stacks = (blocks: readonly Numbered[], rows: number): readonly (readonly Numbered[])[] => {
  const widths = [...new Set(blocks.map((block) => block.rows.shape[1] ?? 1))];
  return widths.flatMap((width) => {
    const alike = blocks.filter((block) => block.rows.shape[1] === width);
    const size = Math.max(1, Math.floor(STACKED / (rows * width)));
    return Array.from({ length: Math.ceil(alike.length / size) }, (_, i) => alike.slice(i * size, (i + 1) * size));
  });
};

/** Each sample's part with itself, R_i R_iᵀ, of blocks of rows, [m, K, K] each: small ones of one width in one product. */
const ownOfRows = (g: GraphBuilder, blocks: readonly Numbered[], { m, classes: k }: Sides): ReadonlyMap<number, Value> => new Map(stacks(blocks, m * k).flatMap((stack) => {
  const all = g.concat(stack.map(({ rows }) => g.slice(rows, [0], [m * k], [0])), 0);
  const each = g.reshape(g.cast(all, "float64"), [stack.length * m, k, all.shape[1] ?? 1]);
  const products = g.matMul(each, g.swapLast(each));
  return stack.map(({ number }, i) => [number, g.slice(products, [i * m], [(i + 1) * m], [0])] as const);
}));

/** Narrow blocks of rows, [rows, Σ sizes]. */
const sideBySide = (g: GraphBuilder, operands: readonly Operands[]): Operands => ({ a: null, g: g.concat(operands.map((o) => o.g), 1) });

/** The numbers of the blocks that are multiplied together: the narrow ones, and each of the others alone. */
const together = (blocks: readonly TileBlock[]): (readonly number[])[] => {
  const narrow = blocks.flatMap(({ form, g }, b) => (form === "rows" && g <= NARROW ? [b] : []));
  if (narrow.length < 2) return blocks.map((_, b) => [b]);
  return [...blocks.flatMap((_, b) => (narrow.includes(b) ? [] : [[b]])), narrow];
};

/** The part of some blocks. */
const partOf = (g: GraphBuilder, numbers: readonly number[], blocks: readonly TileBlock[], rows: readonly Operands[], columns: readonly Operands[], sides: Sides, layout: Layout): Part => {
  const [first = 0] = numbers;
  const [left, right] = [numbers.flatMap((b) => rows[b] ?? []), numbers.flatMap((b) => columns[b] ?? [])];
  const [block, oneLeft, oneRight] = [blocks[first], left[0], right[0]];
  if (!block || !oneLeft || !oneRight) throw new Error("every block has operands");
  if (numbers.length === 1) {
    const product = FORMS[block.form](g, block, oneLeft, oneRight, sides, layout);
    return { ...product, own: new Map(sides.diagonal ? [[first, ownBlocks(g, layout, product.pieces)]] : []) };
  }
  const joined = sideBySide(g, left);
  const product = ofRows(g, block, joined, rows === columns ? joined : sideBySide(g, right), sides, layout);
  return { ...product, own: sides.diagonal ? ownOfRows(g, numbers.map((number, i) => ({ number, rows: left[i]?.g ?? oneLeft.g })), sides) : new Map() };
};

/**
 * Sums the blocks' parts of a tile, [m·K, n·K] in float64. Sums are float64, and so are the products but those of wide rows, whose rounding is
 * measured: rounding G itself to float32 would drown everything below 3.5e-4·λ₁ (THEORY §9).
 * Cost: the products of each form.
 */
export const writeTile = (g: GraphBuilder, blocks: readonly TileBlock[], rows: readonly Operands[], columns: readonly Operands[], sides: Sides): Tile => {
  const layout = layoutOf(sides);
  const parts = together(blocks).map((numbers) => partOf(g, numbers, blocks, rows, columns, sides, layout));
  const sums = layout.pieces.map(({ shape }, i) => g.sumOf(...parts.map((part) => part.pieces[i])) ?? g.filled(0, shape, "float64"));
  const own = new Map(parts.flatMap((part) => [...part.own]));
  const errors = g.sumOf(...parts.map((part) => part.rounding ?? undefined));
  return { tile: assemble(g, layout, sums), own: blocks.flatMap((_, b) => own.get(b) ?? []), rounding: errors && layout.sampled ? { errors, sampled: layout.sampled } : null };
};

/** The tile of values that are fed, in an empty builder. */
export const tileProgram = (g: GraphBuilder, blocks: readonly TileBlock[], sides: Sides, dtype: DType): TileProgram => {
  const { m, n, classes, diagonal } = sides;
  const operands = (side: 0 | 1, samples: number): Operands[] => blocks.map((block, index) => ({
    a: block.form === "rows" ? null : g.input(feedName("a", index, side), dtype, [samples, block.a]),
    g: g.input(feedName("g", index, side), dtype, [samples * classes, block.g]),
  }));
  const rows = operands(0, m);
  const tile = writeTile(g, blocks, rows, diagonal ? rows : operands(1, n), sides);
  return { ...tile, program: g.finish([tile.tile, ...tile.own, ...(tile.rounding ? [tile.rounding.errors] : [])]) };
};
