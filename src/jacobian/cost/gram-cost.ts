import { GraphBuilder } from "../../onnx/builder.ts";
import { edgeOf, flopsPerPair } from "../form.ts";
import type { FactorProgram } from "../factor-program.ts";
import type { ProductType } from "../product.ts";
import { tileBlocks } from "../tile-blocks.ts";
import type { TileBlock } from "../tile-forms.ts";
import { tileProgram } from "../tile-program.ts";
import { type Flops, flopsOf, programCost, type ProgramCost } from "./program-cost.ts";

/** What a Gram matrix costs, counted from its factor program. */
export interface GramCost {
  /** One run of the first stage; there is one for each batch. */
  readonly first: ProgramCost;
  /** One run of the second; there are `rounds` for each batch. */
  readonly second: ProgramCost;
  /** One run for the parameters without structure, K for each sample; null where there are none. */
  readonly alone: ProgramCost | null;
  readonly batches: number;
  readonly rounds: number;
  /** FLOPs of the blocks' products over all pairs of samples on and above the diagonal. */
  readonly tiles: Flops;
  /** Runs of a tile. */
  readonly tileRuns: number;
  /** Bytes that are alive in the run of each size of tile, of which each keeps its own. */
  readonly tileLive: readonly number[];
  /** Bytes of the factors of one sample, as they are kept. */
  readonly factors: number;
}

/** FLOPs of one pair of samples, once their factors, or strips of their gradients, are there. */
const pairFlops = ({ form, a, g, positions }: TileBlock, classes: number): number => {
  if (form === "rows") return flopsPerPair(form, { positions: 0, inputs: g, outputs: 1 }, 1, classes);
  return flopsPerPair(form, { positions: form === "strips" ? 0 : positions, inputs: a / positions, outputs: g / positions }, 1, classes);
};

/** FLOPs of writing out one sample's gradients of a block that is held as factors. */
const stripFlops = ({ form, a, g, positions }: TileBlock, classes: number): number => (form === "strips" ? (2 * classes * a * g) / positions : 0);

/** FLOPs, in the float type of the network, that a tile takes for writing out gradients of one sample: what others have done already. */
export const writtenFlops = (program: FactorProgram): number => tileBlocks(program).reduce((sum, block) => sum + stripFlops(block, program.network.outputs), 0);

/** FLOPs of all blocks' products of one pair of samples. */
export const productFlops = (program: FactorProgram): Flops => {
  const blocks = tileBlocks(program);
  const of = (type: ProductType): number => blocks.reduce((sum, block) => sum + (block.products === type ? pairFlops(block, program.network.outputs) : 0), 0);
  return { single: of("float32"), double: of("float64") };
};

/** FLOPs of one sample's factors and gradients, and of all blocks' products of one pair of samples: what the progress of a Gram matrix is counted in. */
export const gramFlops = (program: FactorProgram): { readonly sample: number; readonly pair: number } => {
  const { network, together, first, second, alone } = program;
  const classes = network.outputs;
  const pairs = productFlops(program);
  const batch = flopsOf(programCost(first)) + Math.ceil(classes / together) * flopsOf(programCost(second));
  return {
    sample: batch / network.batch + writtenFlops(program) + (alone ? classes * flopsOf(programCost(alone.program)) : 0),
    pair: pairs.single + pairs.double,
  };
};

/** Bytes of a strip of gradients in a loop of its own, both sides. */
const STRIP = 2 ** 24;

/**
 * Bytes alive in each of the tile programs that fill the matrix: whole and last ones, on the diagonal and off it. Each is loaded by itself. Off
 * the diagonal ONNX Runtime adds each block's part when it is made; on it the parts are kept for what is picked from them.
 */
const tileLiveBytes = (blocks: readonly TileBlock[], samples: number, edge: number, classes: number, dtype: "float32" | "float64"): number[] => {
  const whole = Math.min(edge, samples);
  const last = samples % whole;
  const live = (own: readonly TileBlock[], m: number, n: number, diagonal: boolean): number => programCost(tileProgram(new GraphBuilder("tile:"), own, { m, n, classes, diagonal }, dtype).program).live;
  const on = (m: number): number => STRIP + live(blocks, m, m, true);
  const off = (m: number, n: number): number => STRIP + blocks.reduce((most, block) => Math.max(most, live([block], m, n, false)), 0) + 8 * m * n * classes ** 2;
  const found = [on(whole)];
  if (samples >= 2 * whole) found.push(off(whole, whole));
  if (last > 0) found.push(off(whole, last), on(last));
  return found;
};

/** Counts the Gram matrix of `samples` samples in tiles of `edge` samples a side, with all factors collected once. Cost: that of writing one tile's graph. */
export const gramCost = (program: FactorProgram, samples: number, edge: number): GramCost => {
  const { network, together } = program;
  const classes = network.outputs;
  const blocks = tileBlocks(program);
  const own = blocks.reduce((least, { form, positions }) => (form === "implicit" || form === "lookup" ? edgeOf(least, positions, classes) : least), edge);
  const tiles = Math.ceil(samples / own);
  const width = network.output.dtype === "float64" ? 8 : 4;
  // Off the diagonal both sides are written out, on it one.
  const written = writtenFlops(program) * samples * tiles;
  const [products, pairs] = [productFlops(program), (samples * (samples + own)) / 2];
  return {
    first: programCost(program.first),
    second: programCost(program.second),
    alone: program.alone && programCost(program.alone.program),
    batches: Math.ceil(samples / network.batch),
    rounds: Math.ceil(classes / together),
    tiles: { single: (width === 4 ? written : 0) + products.single * pairs, double: (width === 8 ? written : 0) + products.double * pairs },
    tileRuns: (tiles * (tiles + 1)) / 2,
    tileLive: tileLiveBytes(blocks, samples, own, classes, width === 8 ? "float64" : "float32"),
    factors: blocks.reduce((sum, { a, g }) => sum + width * (a + classes * g), 0),
  };
};
