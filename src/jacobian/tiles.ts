import { throwIfAborted } from "../core/errors.ts";
import { doublesOf, type Tensor } from "../core/tensor.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import type { Executor } from "../onnx/trace.ts";
import { type Compiled, compile } from "./compiled.ts";
import type { FactorProgram } from "./factor-program.ts";
import type { Pass } from "./factors.ts";
import { addNorms, type BlockNorms } from "./block-norms.ts";
import type { RoundingMeter } from "./product-rounding.ts";
import { tileBlocks } from "./tile-blocks.ts";
import type { TileBlock } from "./tile-forms.ts";
import { feedName, type Tile, type TileProgram, tileProgram } from "./tile-program.ts";

type Floats = Float32Array | Float64Array;

/** A range of samples, and the position of its first one in the whole. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const asTensor = (data: Floats, shape: readonly number[]): Tensor => (data instanceof Float64Array ? { dtype: "float64", shape, data } : { dtype: "float32", shape, data });

/** Tile programs by size, compiled when first needed. */
export class TileCompiler {
  readonly #programs = new Map<string, Promise<{ readonly tile: TileProgram; readonly compiled: Compiled }>>();
  readonly #blocks: readonly TileBlock[];

  /** `onDevice`: tiles run where the executor's graphs do, else in the process. */
  constructor(private readonly executor: Executor, private readonly program: FactorProgram, private readonly onDevice: boolean) {
    this.#blocks = tileBlocks(program);
  }

  get(m: number, n: number, diagonal: boolean): Promise<{ readonly tile: TileProgram; readonly compiled: Compiled }> {
    const key = `${m}×${n}${diagonal ? " diagonal" : ""}`;
    const known = this.#programs.get(key);
    if (known) return known;
    const { lowered, output, outputs: classes } = this.program.network;
    const dtype = output.dtype === "float64" ? "float64" : "float32";
    const g = new GraphBuilder("tile:", this.onDevice ? lowered.builder.capabilities : undefined);
    const tile = tileProgram(g, this.#blocks, { m, n, classes, diagonal }, dtype);
    const made = compile(this.executor, tile.program, this.onDevice ? {} : { place: "host", purpose: "products and sums of the Gram matrix, in float64" }).then((compiled) => ({ tile, compiled }));
    this.#programs.set(key, made);
    return made;
  }

  /** Feeds of one side: views into the pass's arrays, no copy. */
  feeds(pass: Pass, offset: number, count: number, side: 0 | 1): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    const classes = this.program.network.outputs;
    this.#blocks.forEach((block, b) => {
      const values = pass.blocks[b];
      if (!values) return;
      if (values.a && block.form !== "rows") feeds[feedName("a", b, side)] = asTensor(values.a.subarray(offset * block.a, (offset + count) * block.a), [count, block.a]);
      const rows = count * classes;
      feeds[feedName("g", b, side)] = asTensor(values.g.subarray(offset * classes * block.g, offset * classes * block.g + rows * block.g), [rows, block.g]);
    });
    return feeds;
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) await (await program).compiled.dispose();
  }
}

/** The whole matrix being filled. */
export interface Target {
  readonly gram: Float64Array;
  readonly size: number;
  readonly norms: BlockNorms;
  readonly rounding: RoundingMeter;
}

/** Entries along the edge of a block whose rows and columns stay in the cache while it is transposed. */
const TRANSPOSED = 32;

/** Enters a tile and, off the diagonal, its transpose below it while it is in the cache. */
const place = ({ gram, size }: Target, tile: Float64Array, row: number, column: number, width: number): void => {
  const height = tile.length / width;
  for (let i = 0; i < height; i++) gram.set(tile.subarray(i * width, (i + 1) * width), (row + i) * size + column);
  if (row === column) return;
  for (let i = 0; i < width; i += TRANSPOSED) {
    for (let j = 0; j < height; j += TRANSPOSED) {
      const [right, bottom] = [Math.min(width, i + TRANSPOSED), Math.min(height, j + TRANSPOSED)];
      for (let c = i; c < right; c++) for (let r = j; r < bottom; r++) gram[(column + c) * size + row + r] = tile[r * width + c] ?? 0;
    }
  }
};

/** Enters the parts with themselves of samples from `first` on, whose f are `outputs`, [m·K]. */
export const addOwn = (norms: BlockNorms, own: Tile["own"], first: number, outputs: Floats, results: ReadonlyMap<string, Tensor>): void => {
  for (const { blocks, value } of own) {
    const all = doublesOf(results.get(value.name));
    const each = all.length / blocks.length;
    blocks.forEach((block, i) => { addNorms(norms, block, first, outputs, all.subarray(i * each, (i + 1) * each)); });
  }
};

/** Enters the entries that were sampled, where there are any. */
export const addRounding = (meter: RoundingMeter, rounding: Tile["rounding"], results: ReadonlyMap<string, Tensor>): void => {
  if (rounding) meter.add(doublesOf(results.get(rounding.single.name)), doublesOf(results.get(rounding.double.name)), rounding.sampled.classes);
};

interface PairRequest {
  readonly compiler: TileCompiler;
  readonly classes: number;
  readonly edge: number;
  readonly rows: { readonly pass: Pass; readonly range: Range };
  readonly columns: { readonly pass: Pass; readonly range: Range };
  readonly target: Target;
  /** Tiles of two samples below this one are there already. */
  readonly known: number;
  readonly signal?: AbortSignal | undefined;
  /** Told the pairs of samples of each tile that is done. */
  readonly done: (pairs: number) => void;
}

/** A range in pieces of at most `edge` samples, none of which holds both known and new ones. */
export const cuts = ({ from, to }: Range, edge: number, known: number): Range[] => {
  const pieces: Range[] = [];
  for (let at = from; at < to; ) {
    const end = Math.min(to, at + edge, at < known ? known : to);
    pieces.push({ from: at, to: end });
    at = end;
  }
  return pieces;
};

/** All tiles on or above the diagonal for two ranges of samples, at most `edge` samples each way, that hold a sample which is not known. */
export const fillTiles = async ({ compiler, classes, edge, rows, columns, target, known, signal, done }: PairRequest): Promise<void> => {
  for (const i of cuts(rows.range, edge, known)) {
    for (const j of cuts(columns.range, edge, known)) {
      if (j.from < i.from || j.to <= known) continue;
      throwIfAborted(signal);
      const [m, n] = [i.to - i.from, j.to - j.from];
      const { tile, compiled } = await compiler.get(m, n, i.from === j.from);
      const results = await compiled.run({ ...compiler.feeds(rows.pass, i.from - rows.range.from, m, 0), ...compiler.feeds(columns.pass, j.from - columns.range.from, n, 1) });
      const values = doublesOf(results.get(tile.tile.name));
      place(target, values, i.from * classes, j.from * classes, n * classes);
      addRounding(target.rounding, tile.rounding, results);
      const outputs = rows.pass.outputs.subarray((i.from - rows.range.from) * classes, (i.to - rows.range.from) * classes);
      addOwn(target.norms, tile.own, i.from, outputs, results);
      done(m * n);
    }
  }
};

/** Copies the upper triangle to the lower one, by blocks that stay in the cache. */
export const mirror = (gram: Float64Array, size: number, block = 64): void => {
  for (let i = 0; i < size; i += block) {
    for (let j = i; j < size; j += block) {
      for (let r = i; r < Math.min(i + block, size); r++) for (let c = Math.max(j, r + 1); c < Math.min(j + block, size); c++) gram[c * size + r] = gram[r * size + c] ?? 0;
    }
  }
};
