import { LensError } from "../../core/errors.ts";
import type { LinearOperator } from "../../linalg/operator.ts";
import type { Triplets } from "../../spectrum/krylov.ts";
import type { SquaredNorm } from "../../spectrum/trace-estimate.ts";
import { beyondComputed, type CutoffRule } from "../../theory/cutoff.ts";
import type { Spectrum } from "../../theory/spectrum.ts";
import { collectGarbage } from "../collect-garbage.ts";
import { type KrylovSizes, krylovSizes } from "../run-sizes.ts";

/** Some leading triplets, ‖J‖_F² as it is known beside them, and what the theory takes of both. */
export interface Leading {
  readonly triplets: Triplets;
  readonly total: SquaredNorm;
  readonly spectrum: Spectrum;
}

/** What the triplets are wanted for, and what they may take. */
export interface Wanted {
  readonly cutoff: CutoffRule | undefined;
  /** Triplets to begin with. */
  readonly wanted: number;
  /** Bytes for the bases. */
  readonly memory: number;
}

type Size = Pick<LinearOperator, "rows" | "columns">;

const shortOf = ({ rows, columns }: Size): number => Math.min(rows, columns);

/** @throws LensError MEMORY where not even the first bases fit. */
const firstSizes = (size: Size, wanted: number, memory: number): KrylovSizes => {
  const sizes = krylovSizes(size, wanted, memory);
  if (sizes) return sizes;
  throw new LensError("MEMORY", `The bases for ${wanted} singular triplets of J [${size.rows}, ${size.columns}] do not fit the ${Math.floor(memory / 2 ** 20)} MiB that are left for them.`, "Ask for a smaller rank (--rank), take fewer samples (--samples), or allow more memory (--memory).");
};

/** What can help where twice as many triplets do not fit. */
const helpOf = (size: Size, twice: number, { cutoff, memory }: Wanted): string => {
  const closer = cutoff?.kind === "energy" ? "Choose a smaller share (--energy)" : "Choose a larger α (--alpha, --relative)";
  const enough = krylovSizes(size, twice, Infinity);
  const more = enough === null ? "" : `, allow more memory (--memory: the bases of ${twice} take ${Math.ceil(enough.bytes / 2 ** 20)} MiB, ${Math.floor(memory / 2 ** 20)} MiB are left for them)`;
  return `${closer}${more}, or take fewer samples (--samples).`;
};

/** A round's triplets, or why they are too few: then nothing of them is kept, for the next ones need the room. */
type Round = { readonly spent: number } & ({ readonly found: Leading; readonly beyond: null } | { readonly found: null; readonly beyond: string });

const roundOf = async ({ cutoff }: Wanted, compute: () => Promise<Leading>): Promise<Round> => {
  const found = await compute();
  const [beyond, spent] = [beyondComputed(cutoff, found.spectrum), found.triplets.products];
  return beyond === null ? { found, beyond, spent } : { found: null, beyond, spent };
};

/**
 * The leading triplets as far as the cut-off needs them: where all of those computed lie above it and J has more, twice as many, as long as the
 * bases fit. Each round begins anew: all of them together take at most about twice the products of the last.
 * @param compute the triplets for a number of them and the sizes of the bases; `round` counts from 0
 * @throws LensError MEMORY where the first bases do not fit, CUTOFF_RANGE where the cut-off lies beyond what fits, and what `compute` throws.
 */
export const tripletsToCutoff = async (size: Size, asked: Wanted, compute: (wanted: number, sizes: KrylovSizes, round: number) => Promise<Leading>): Promise<Leading & { readonly products: number }> => {
  let wanted = Math.min(asked.wanted, shortOf(size));
  let sizes = firstSizes(size, wanted, asked.memory);
  for (let [round, products] = [0, 0]; ; round++) {
    const { found, beyond, spent } = await roundOf(asked, () => compute(wanted, sizes, round));
    products += spent;
    if (found) return { ...found, products };
    const twice = Math.min(2 * wanted, shortOf(size));
    const next = krylovSizes(size, twice, asked.memory);
    if (next === null) throw new LensError("CUTOFF_RANGE", beyond, helpOf(size, twice, asked));
    [wanted, sizes] = [twice, next];
    collectGarbage();
  }
};
