import { LensError } from "../core/errors.ts";
import { type Progress, weighted } from "../core/progress.ts";
import { gramFlops } from "./cost/gram-cost.ts";
import type { FactorProgram } from "./factor-program.ts";
import { type CompiledFused, compileFused } from "./fused.ts";
import { edgeOf } from "./form.ts";
import { collectFactors, type CompiledFactors, compileFactors, type FactorInputs, type Pass } from "./factors.ts";
import { type BlockNorms, emptyNorms, type Metric } from "./block-norms.ts";
import type { Known } from "./known.ts";
import { type ProductRounding, RoundingMeter, roundingOfAll } from "./product-rounding.ts";
import { cuts, fillTiles, mirror, type Range, type Target, TileCompiler } from "./tiles.ts";
import { isFused, tilesOnDevice } from "./placement.ts";
import { factorBytes } from "./tile-blocks.ts";

export interface GramRequest extends FactorInputs {
  /** Samples along a tile's edge. */
  readonly edge: number;
  /** Bytes that factors and the matrix may take. */
  readonly memory: number;
  /** Bytes that are free on the device of the executor; absent where it computes in the process. Products of gradients run there where there is room and float64. */
  readonly deviceMemory?: number | undefined;
  readonly progress: Progress;
  /** Also weighs the squared norms of the blocks. */
  readonly metric?: Metric | undefined;
  readonly known?: Known | undefined;
}

export interface GramBlock {
  readonly parameters: readonly string[];
  /** ‖J_ℓ‖_F² */
  readonly squaredNorm: number;
  /** ‖J_ℓ,i‖_F² of every sample, [n]. */
  readonly perSample: Float64Array;
  /** The same, weighed by the metric of the request; null without one. */
  readonly weighed: Float64Array | null;
}

export interface Gram {
  /** JJᵀ, [n·K, n·K], row-major, symmetric; owned by the caller. */
  readonly matrix: Float64Array;
  readonly size: number;
  /** f, [n·K], sample-major. */
  readonly outputs: Float64Array;
  readonly blocks: readonly GramBlock[];
  /** What products of wide rows in float32 did, measured on a few rows; null where all are in float64. */
  readonly rounding: ProductRounding | null;
}

/** The squared norms of the rows of J, [nK], from JJᵀ; owned by the caller. */
export const squaresOf = ({ matrix, size }: Pick<Gram, "matrix" | "size">): Float64Array => Float64Array.from({ length: size }, (_, i) => matrix[i * (size + 1)] ?? 0);

/** Ranges of samples whose factors fit the memory: one where everything fits, else pairs of ranges are held at a time. */
const ranges = ({ program, samples, memory }: Pick<GramRequest, "program" | "samples" | "memory">): Range[] => {
  const matrix = 8 * (samples * program.network.outputs) ** 2;
  const each = factorBytes(program);
  const left = memory - matrix;
  const whole = samples * each <= left;
  const size = whole ? samples : Math.floor(left / (2 * each));
  if (size < 1) {
    const needs = Math.ceil((matrix + 2 * each) / 2 ** 20);
    throw new LensError("MEMORY", `The Gram matrix of ${samples} samples and its factors need ${needs} MiB; ${Math.floor(memory / 2 ** 20)} MiB are allowed.`, "Take fewer samples (--samples), fewer parameters (--parameters), or allow more memory (--memory).");
  }
  return Array.from({ length: Math.ceil(samples / size) }, (_, i) => ({ from: i * size, to: Math.min(samples, (i + 1) * size) }));
};

/** A pass's values in the order of `tileBlocks`. */
const withSolo = (pass: Pass): Pass => ({ ...pass, blocks: [...pass.blocks, ...pass.solo.map((g) => ({ a: null, g }))] });

/** How much a run has to do: samples whose factors are collected, each as often as that is done, tiles, and pairs of samples in them. */
interface Amount {
  readonly samples: number;
  readonly tiles: number;
  readonly pairs: number;
}

/** The passes and tiles of one run, reported as one progress by the FLOPs done. */
class Work {
  #collected = 0;
  #tiles = 0;
  #pairs = 0;
  readonly #shares: readonly Progress[];
  constructor(program: FactorProgram, private readonly amount: Amount, progress: Progress) {
    const flops = gramFlops(program);
    this.#shares = weighted(progress, [amount.samples * flops.sample, amount.pairs * flops.pair]);
  }
  readonly collected = (count: number): void => {
    const { samples } = this.amount;
    this.#collected = Math.min(this.#collected + count, samples);
    this.#shares[0]?.(this.#collected / samples, `per-sample gradients ${this.#collected}/${samples}`);
  };
  readonly tiled = (pairs: number): void => {
    this.#tiles += 1;
    this.#pairs += pairs;
    this.#shares[1]?.(this.#pairs / this.amount.pairs, `Gram tile ${this.#tiles}/${this.amount.tiles}`);
  };
}

/** The tiles on and above the diagonal that hold a sample which is not known, and their pairs of samples. */
const countTiles = (parts: readonly Range[], edge: number, known: number): Pick<Amount, "tiles" | "pairs"> => {
  const sizes = parts.flatMap((part) => cuts(part, edge, known)).map(({ from, to }) => ({ size: to - from, old: to <= known }));
  const triangle = (own: readonly { readonly size: number }[]): readonly [number, number] => {
    const whole = own.reduce((sum, { size }) => sum + size, 0);
    return [(own.length * (own.length + 1)) / 2, (whole * whole + own.reduce((sum, { size }) => sum + size * size, 0)) / 2];
  };
  const [all, old] = [triangle(sizes), triangle(sizes.filter((piece) => piece.old))];
  return { tiles: all[0] - old[0], pairs: all[1] - old[1] };
};

/** The parameters of each block of a program's Gram matrix, in the order of `Gram.blocks`. */
export const blockNames = (program: FactorProgram): (readonly string[])[] => [...program.blocks.map((b) => b.parameters), ...program.solo.map((s) => [s.parameter.name])];

const blocksOf = (names: readonly (readonly string[])[], { samples, plain, weighed }: BlockNorms): GramBlock[] => names.map((parameters, b) => {
  const perSample = plain.subarray(b * samples, (b + 1) * samples);
  return { parameters, perSample, squaredNorm: perSample.reduce((sum, value) => sum + value, 0), weighed: weighed?.subarray(b * samples, (b + 1) * samples) ?? null };
});

const fill = async (request: GramRequest, compiled: CompiledFactors, compiler: TileCompiler, target: Target): Promise<Float64Array> => {
  const { program, samples, signal, progress, known } = request;
  const classes = program.network.outputs;
  const edge = program.blocks.reduce((least, block) => (block.form === "implicit" || block.form === "lookup" ? edgeOf(least, block.positions, classes) : least), request.edge);
  const parts = ranges(request);
  const passes = (parts.length * (parts.length + 1)) / 2;
  const work = new Work(program, { samples: parts.length === 1 ? samples : (samples * passes) / parts.length, ...countTiles(parts, edge, known?.samples ?? 0) }, progress);
  const outputs = new Float64Array(samples * classes);
  const collect = async ({ from, to }: Range): Promise<Pass> => withSolo(await collectFactors({ ...request, compiled, from, to, done: work.collected }));
  for (const [i, rows] of parts.entries()) {
    const pass = await collect(rows);
    outputs.set(pass.outputs, rows.from * classes);
    for (const columns of parts.slice(i)) {
      if (columns.to <= (known?.samples ?? 0)) continue;
      const other = columns === rows ? pass : await collect(columns);
      await fillTiles({ compiler, classes, edge, rows: { pass, range: rows }, columns: { pass: other, range: columns }, target, known: known?.samples ?? 0, signal, done: work.tiled });
    }
  }
  if (known) {
    known.place(target, outputs);
    mirror(target.gram, target.size);
  }
  return outputs;
};

/** The sessions of a Gram computation, for any number of runs: weights are inputs, so another checkpoint of the same model reuses them. */
export interface CompiledGram {
  /**
   * JJᵀ exactly, from per-sample factors: each block in its cheapest form, products inside ONNX graphs, added up in float64, tiles on
   * and above the diagonal only. Cost: one forward and K backward passes over the samples and, by blocks, 2·(nK)²·size/2 FLOPs.
   * @throws LensError MEMORY, RUNTIME_RUN, CANCELLED.
   */
  run(request: GramRequest): Promise<Gram>;
  dispose(): Promise<void>;
}

/** The sessions of the stages: those of the tiles are made when the first tile of their size is needed. */
const compileStages = async (request: GramRequest) => {
  const { executor, program } = request;
  const factors = await compileFactors(executor, program);
  const compiler = new TileCompiler(executor, program, tilesOnDevice(request));
  const dispose = async (): Promise<void> => {
    await factors.dispose();
    await compiler.dispose();
  };
  return { factors, compiler, dispose };
};

/** Sessions are made when a run first needs them. @throws LensError MEMORY. */
export const compileGram = (request: Pick<GramRequest, "executor" | "program" | "samples" | "memory">): CompiledGram => {
  const { executor, program } = request;
  ranges(request);
  const names = blockNames(program);
  const flops = gramFlops(program);
  const fused = new Map<string, Promise<CompiledFused>>();
  let stages: ReturnType<typeof compileStages> | undefined;
  const fusedFor = ({ samples, known }: GramRequest): Promise<CompiledFused> => {
    const key = `${samples}, ${known?.samples ?? 0} known`;
    const made = fused.get(key) ?? compileFused(executor, program, samples, known?.samples);
    fused.set(key, made);
    return made;
  };
  return {
    async run(own) {
      const classes = program.network.outputs;
      const size = own.samples * classes;
      const norms = emptyNorms(names.length, own.samples, classes, own.metric ?? null);
      if (isFused(own, flops)) return { ...(await (await fusedFor(own)).run(own, norms)), size, blocks: blocksOf(names, norms) };
      const { factors, compiler } = await (stages ??= compileStages(own));
      const target: Target = { gram: new Float64Array(size * size), size, norms, rounding: new RoundingMeter(classes) };
      const outputs = await fill(own, factors, compiler, target);
      return { matrix: target.gram, size, outputs, blocks: blocksOf(names, norms), rounding: roundingOfAll(own.known?.rounding ?? null, target.rounding.found) };
    },
    dispose: async () => {
      for (const made of [...fused.values(), stages]) await (await made?.catch(() => undefined))?.dispose();
    },
  };
};

/** One Gram matrix: `compileGram`, one run, and the sessions given back. */
export const gram = async (request: GramRequest): Promise<Gram> => {
  request.progress(0, "building derivative graphs");
  const compiled = compileGram(request);
  try {
    return await compiled.run(request);
  } finally {
    await compiled.dispose();
  }
};
