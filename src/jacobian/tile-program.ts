import type { GraphBuilder } from "../onnx/builder.ts";
import type { Program, Value } from "../onnx/value.ts";
import { type DType, sizeOf } from "../core/tensor.ts";
import { assemble, type Layout, layoutOf, ownBlocks, type Sampled, sampledEntries, type Sides } from "./layout.ts";
import type { Product } from "./product.ts";
import { NARROW } from "./tile-blocks.ts";
import { FORMS, ofRows, type Operands, type TileBlock } from "./tile-forms.ts";

/** Names of the feeds of a tile: block b, side 0 (rows) or 1 (columns). */
export const feedName = (what: "a" | "g", block: number, side: 0 | 1): string => `${what}${block}:${side}`;

/** Each sample's part with itself, [blocks, m, K, K], of the blocks of these numbers: their traces are ‖J_ℓ‖_F² sample by sample. */
export interface OwnParts {
  readonly blocks: readonly number[];
  readonly value: Value;
}

/** A tile of values that are there: the sum of the blocks' parts, and on the diagonal each block's own. */
export interface Tile {
  readonly tile: Value;
  readonly own: readonly OwnParts[];
  /**
   * On the diagonal, of the blocks that are multiplied in float32: the entries of some rows with one another, and the same from products in
   * float64; null where none are.
   */
  readonly rounding: { readonly single: Value; readonly double: Value; readonly sampled: Sampled } | null;
}

/** The program of one tile of JJᵀ for `m` samples against `n`: [m·K, n·K] in float64. */
export interface TileProgram extends Tile {
  readonly program: Program;
}

/** Entries up to which the rows of several blocks, or parts of tiles, are put together for one step: more would be held at once, several times over. */
const STACKED = 2 ** 18;
const GATHERED = 2 ** 21;

/** Lists of at most `size`. */
const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] => Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

/** How many values of so many entries are put together. */
const fitting = (limit: number, entries: number): number => Math.max(1, Math.floor(limit / entries));

/** A sum in float64, in as few steps as do not hold too many terms. */
const sumOf = (g: GraphBuilder, terms: readonly Value[]): Value | undefined => {
  const [first] = terms;
  return first && chunks(terms.slice(1), fitting(GATHERED, sizeOf(first.shape))).reduce((sum, own) => g.op("Sum", [sum, ...own], first.shape, "float64"), first);
};

/** A block of rows and its number. */
interface Numbered {
  readonly number: number;
  readonly rows: Value;
}

/** The blocks in their order, as many of one width together as are stacked. */
const stacks = (blocks: readonly Numbered[], rows: number): readonly (readonly Numbered[])[] => {
  const widths = [...new Set(blocks.map((block) => block.rows.shape[1] ?? 1))];
  return widths.flatMap((width) => chunks(blocks.filter((block) => block.rows.shape[1] === width), fitting(STACKED, rows * width)));
};

/** Each sample's part with itself, R_i R_iᵀ, of narrow blocks of rows: those of one width in one product. */
const ownOfRows = (g: GraphBuilder, blocks: readonly Numbered[], { m, classes: k }: Sides): readonly OwnParts[] => stacks(blocks, m * k).map((stack) => {
  const all = g.concat(stack.map(({ rows }) => g.slice(rows, [0], [m * k], [0])), 0);
  const width = all.shape[1] ?? 1;
  const each = g.reshape(g.cast(all, "float64"), [stack.length * m, k, width]);
  return { blocks: stack.map(({ number }) => number), value: g.reshape(g.matMul(each, g.swapLast(each)), [stack.length, m, k, k]) };
});

/** Narrow blocks of rows, [rows, Σ sizes]. */
const sideBySide = (g: GraphBuilder, operands: readonly Operands[]): Operands => ({ a: null, g: g.concat(operands.map((o) => o.g), 1) });

/** The numbers of the narrow blocks, which are multiplied together where there are several. */
const narrowOf = (blocks: readonly TileBlock[]): readonly number[] => {
  const narrow = blocks.flatMap(({ form, g }, b) => (form === "rows" && g <= NARROW ? [b] : []));
  return narrow.length < 2 ? [] : narrow;
};

/** What a tile is written from; on the diagonal both sides are the same values. */
interface Sources {
  readonly blocks: readonly TileBlock[];
  readonly rows: readonly Operands[];
  readonly columns: readonly Operands[];
  readonly sides: Sides;
  readonly layout: Layout;
}

/** What some blocks add to a tile, and on the diagonal their own parts. */
interface Part {
  readonly products: readonly Product[];
  readonly own: readonly OwnParts[];
}

/** The parts of blocks each by itself, picked from while they are there. */
const partsOf = (g: GraphBuilder, numbers: readonly number[], { blocks, rows, columns, sides, layout }: Sources): Part => {
  const products = numbers.map((b) => {
    const [block, left, right] = [blocks[b], rows[b], columns[b]];
    if (!block || !left || !right) throw new Error("every block has operands");
    return FORMS[block.form](g, block, left, right, sides, layout);
  });
  return { products, own: sides.diagonal ? [{ blocks: numbers, value: ownBlocks(g, layout, products.map(({ pieces }) => pieces)) }] : [] };
};

/** The part of narrow blocks. */
const narrowPart = (g: GraphBuilder, numbers: readonly number[], { blocks, rows, columns, sides, layout }: Sources): Part => {
  const [block] = numbers.flatMap((b) => blocks[b] ?? []);
  const [left, right] = [numbers.flatMap((b) => rows[b] ?? []), numbers.flatMap((b) => columns[b] ?? [])];
  if (!block) return { products: [], own: [] };
  const joined = sideBySide(g, left);
  const product = ofRows(g, block, joined, rows === columns ? joined : sideBySide(g, right), sides, layout);
  return { products: [product], own: sides.diagonal ? ownOfRows(g, left.map((own, i) => ({ number: numbers[i] ?? 0, rows: own.g })), sides) : [] };
};

/**
 * Sums the blocks' parts of a tile, [m·K, n·K] in float64. Sums are float64, and so are the products but those of wide rows, whose rounding is
 * measured: rounding G itself to float32 would drown everything below 3.5e-4·λ₁ (THEORY §9).
 * Cost: the products of each form.
 */
export const writeTile = (g: GraphBuilder, blocks: readonly TileBlock[], rows: readonly Operands[], columns: readonly Operands[], sides: Sides): Tile => {
  const layout = layoutOf(sides);
  const sources: Sources = { blocks, rows, columns, sides, layout };
  const { pieces, sampled } = layout;
  const narrow = narrowOf(blocks);
  const alone = blocks.flatMap((_, b) => (narrow.includes(b) ? [] : [b]));
  const largest = pieces.reduce((most, { shape }) => Math.max(most, shape[0] * shape[1]), 1);
  const parts = [...chunks(alone, fitting(GATHERED, largest)).map((numbers) => partsOf(g, numbers, sources)), narrowPart(g, narrow, sources)];
  const all = parts.flatMap(({ products }) => products);
  const rounded = all.filter(({ exact }) => exact !== null);
  const others = all.filter(({ exact }) => exact === null);
  const roundedSums = pieces.map((_, i) => sumOf(g, rounded.flatMap((product) => product.pieces[i] ?? [])));
  const sums = pieces.map(({ shape }, i) => sumOf(g, [...(roundedSums[i] ? [roundedSums[i]] : []), ...others.flatMap((product) => product.pieces[i] ?? [])]) ?? g.filled(0, shape, "float64"));
  const double = sumOf(g, rounded.flatMap((product) => product.exact ?? []));
  const single = double ? sampledEntries(g, layout, roundedSums.flatMap((sum) => sum ?? [])) : null;
  const rounding = single && double && sampled ? { single, double, sampled } : null;
  return { tile: assemble(g, layout, sums), own: parts.flatMap(({ own }) => own), rounding };
};

/** What a tile's program returns. */
export const resultsOf = ({ tile, own, rounding }: Tile): readonly Value[] => [tile, ...own.map((parts) => parts.value), ...(rounding ? [rounding.single, rounding.double] : [])];

/** The tile of values that are fed, in an empty builder. */
export const tileProgram = (g: GraphBuilder, blocks: readonly TileBlock[], sides: Sides, dtype: DType): TileProgram => {
  const { m, n, classes, diagonal } = sides;
  const operands = (side: 0 | 1, samples: number): Operands[] => blocks.map((block, index) => ({
    a: block.form === "rows" ? null : g.input(feedName("a", index, side), dtype, [samples, block.a]),
    g: g.input(feedName("g", index, side), dtype, [samples * classes, block.g]),
  }));
  const rows = operands(0, m);
  const tile = writeTile(g, blocks, rows, diagonal ? rows : operands(1, n), sides);
  return { ...tile, program: g.finish(resultsOf(tile)) };
};
