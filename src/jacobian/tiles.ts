import { throwIfAborted } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Executor } from "../onnx/trace.ts";
import { type Compiled, compile } from "./compiled.ts";
import type { Pass } from "./factors.ts";
import { feedName, type TileBlock, type TileProgram, tileProgram } from "./tile-program.ts";

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

  constructor(
    private readonly executor: Executor,
    private readonly blocks: readonly TileBlock[],
    private readonly classes: number,
    private readonly dtype: "float32" | "float64",
  ) {}

  get(m: number, n: number, diagonal: boolean): Promise<{ readonly tile: TileProgram; readonly compiled: Compiled }> {
    const key = `${m}×${n}${diagonal ? " diagonal" : ""}`;
    const known = this.#programs.get(key);
    if (known) return known;
    const tile = tileProgram(this.blocks, m, n, this.classes, this.dtype, diagonal);
    const made = compile(this.executor, tile.program).then((compiled) => ({ tile, compiled }));
    this.#programs.set(key, made);
    return made;
  }

  /** Feeds of one side: views into the pass's arrays, no copy. */
  feeds(pass: Pass, offset: number, count: number, side: 0 | 1): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    this.blocks.forEach((block, b) => {
      const values = pass.blocks[b];
      if (!values) return;
      if (values.a && block.form !== "rows") feeds[feedName("a", b, side)] = asTensor(values.a.subarray(offset * block.a, (offset + count) * block.a), [count, block.a]);
      const rows = count * this.classes;
      feeds[feedName("g", b, side)] = asTensor(values.g.subarray(offset * this.classes * block.g, offset * this.classes * block.g + rows * block.g), [rows, block.g]);
    });
    return feeds;
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) await (await program).compiled.dispose();
  }
}

/** The whole matrix being filled: upper triangle of tiles, mirrored at the end. */
export interface Target {
  readonly gram: Float64Array;
  readonly size: number;
  /** ‖J_ℓ‖_F² of each block so far. */
  readonly traces: Float64Array;
}

const place = ({ gram, size }: Target, tile: Float64Array, row: number, column: number, width: number): void => {
  for (let i = 0; i * width < tile.length; i++) gram.set(tile.subarray(i * width, (i + 1) * width), (row + i) * size + column);
};

interface PairRequest {
  readonly compiler: TileCompiler;
  readonly classes: number;
  readonly edge: number;
  readonly rows: { readonly pass: Pass; readonly range: Range };
  readonly columns: { readonly pass: Pass; readonly range: Range };
  readonly target: Target;
  readonly signal?: AbortSignal | undefined;
  readonly done: (tiles: number) => void;
}

/** All tiles on or above the diagonal for two ranges of samples, `edge` samples each way. */
export const fillTiles = async ({ compiler, classes, edge, rows, columns, target, signal, done }: PairRequest): Promise<void> => {
  for (let i = rows.range.from; i < rows.range.to; i += edge) {
    for (let j = columns.range.from; j < columns.range.to; j += edge) {
      if (j < i) continue;
      throwIfAborted(signal);
      const m = Math.min(edge, rows.range.to - i);
      const n = Math.min(edge, columns.range.to - j);
      const { tile, compiled } = await compiler.get(m, n, i === j);
      const results = await compiled.run({ ...compiler.feeds(rows.pass, i - rows.range.from, m, 0), ...compiler.feeds(columns.pass, j - columns.range.from, n, 1) });
      const values = results.get(tile.tile.name);
      if (values?.dtype !== "float64") throw new Error("a tile is a float64 matrix");
      place(target, values.data, i * classes, j * classes, n * classes);
      tile.traces.forEach((trace, b) => {
        const [sum = 0] = Array.from((results.get(trace.name)?.data ?? []) as ArrayLike<number>);
        target.traces[b] = (target.traces[b] ?? 0) + sum;
      });
      done(1);
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
