import type { Gram } from "../../jacobian/gram.ts";
import type { StoredFacts } from "../cache/gram-store.ts";
import { sampleHashes, weightsHash } from "../cache/hashes.ts";
import { gramKey } from "../cache/network-key.ts";
import { isExactEnough, matchSamples, wholeOf } from "../cache/reuse.ts";
import { exactNames } from "../open-network.ts";
import type { AnalysisResult, Check, Reused, Warning } from "../result.ts";
import { checkDerivatives } from "../run-checks.ts";
import type { DerivativeChecks, MethodContext } from "./decomposition.ts";
import { computeGram, type PlainGram } from "./plain-gram.ts";

/** The Gram matrix of the plain Jacobian, from wherever it came. */
export interface FoundGram {
  readonly found: Gram;
  readonly alone: StoredFacts["alone"];
  readonly gramError: number | null;
  /** Null: still to be made. */
  readonly checks: DerivativeChecks | null;
  /** Null without a store. */
  readonly reused: Reused | null;
  readonly warnings: readonly Warning[];
}

/** Bytes that a stored matrix may take while it is read: what the eigenproblem takes later, or what is left. */
const roomFor = (size: number, memory: number): number => Math.max(12 * size ** 2, memory - process.memoryUsage.rss() - 8 * size ** 2);

/** The least share of known samples with which extending takes fewer products: those of new samples with all are not taken once for both triangles. */
const WORTHWHILE = 0.5;

const asStored = (check: Check | null): Check | null => check && { ...check, stored: true };

const passed = ({ adjoint, finiteDifference }: Pick<AnalysisResult["checks"], "adjoint" | "finiteDifference">): boolean => adjoint?.passed !== false && finiteDifference?.passed !== false;

const notKept = (reason: string | null): Warning[] =>
  reason === null ? [] : [{ code: "GRAM_NOT_STORED", message: `The Gram matrix could not be stored: ${reason}.`, hint: "The result is not affected; the next analysis of this network computes it again." }];

const unstored = ({ found, alone, check }: PlainGram): FoundGram => ({ found, alone, gramError: check?.error ?? null, checks: null, reused: null, warnings: [] });

/**
 * JJᵀ of the plain Jacobian: read where all samples are stored, extended where enough are, else computed; what was computed is stored with its
 * checks when these are passed. Labels, loss, cut-off and the order of samples do not matter to what is stored.
 */
export const findGram = async (context: MethodContext): Promise<FoundGram> => {
  const { open, request, store, progress } = context;
  const exact = [...exactNames(open)];
  if (!store || exact.length === 0) return unstored(await computeGram(context, null));
  const chosen = open.choices.flatMap((c) => (c.chosen ? [c.name] : []));
  const key = gramKey(open.graphKey(), weightsHash(open.file.model, chosen), exact);
  const samples = sampleHashes(open.data.x);
  progress(0, "looking for a stored Gram matrix");
  const stored = await store.find(key, samples, roomFor(open.samples * open.network.outputs, request.memory));
  const match = stored && isExactEnough(stored, context.exactProducts) ? matchSamples(stored, samples) : null;
  if (match?.known === samples.length) {
    const { adjoint, finiteDifference } = match.stored.checks;
    return { found: wholeOf(match), alone: match.stored.alone, gramError: null, checks: { adjoint: asStored(adjoint), finiteDifference: asStored(finiteDifference) }, reused: { samples: samples.length, computed: 0 }, warnings: [] };
  }
  const made = await computeGram(context, match && match.known >= WORTHWHILE * samples.length ? match : null);
  const checks = await checkDerivatives(context, made.check?.error ?? null);
  const { found, alone, known } = made;
  const blocks = found.blocks.map(({ parameters, perSample, weighed }) => ({ parameters, perSample, weighed: weighed ?? new Float64Array(perSample.length) }));
  const reason = passed(checks) ? await store.put({ key, samples, classes: open.network.outputs, rounding: found.rounding, checks, alone, outputs: found.outputs, blocks, matrix: found.matrix }) : null;
  return { found, alone, gramError: made.check?.error ?? null, checks, reused: { samples: known, computed: samples.length - known }, warnings: notKept(reason) };
};
