import { LensError } from "../../core/errors.ts";
import { part } from "../../core/progress.ts";
import { directCertificate } from "../../spectrum/certificate-exact.ts";
import { directSpectrum } from "../../spectrum/exact-direct.ts";
import { gradientFloor } from "../../spectrum/floor.ts";
import { openNetwork } from "../open-network.ts";
import { ARENA_LIMIT } from "../plan/plan.ts";
import type { Warning } from "../result.ts";
import { vectorsToCarry } from "../summary/vectors.ts";
import { type Decomposition, type MethodContext, observedOf } from "./decomposition.ts";
import { rankOf, wholeDecomposition, wholeSpectrum } from "./exact-decomposition.ts";
import type { Method } from "./index.ts";
import { krylovTo } from "./krylov.ts";
import { blocksOf, openRowSource } from "./row-source.ts";
import { dimensionsOf } from "./rows.ts";
import { directBytes, eigenBytes } from "./sizes.ts";

/** The most rows or columns, whichever are fewer, that an SVD of J itself is made for: its problem is of twice that order. */
const LARGEST_DIRECT = 2500;

/** Whether the cut-off lies in the rounding noise: singular values about it may be on either side. */
export const isUnderFloor = ({ cutoff, spectrum }: Pick<Decomposition, "cutoff" | "spectrum">): boolean => {
  const { singularValues, floor } = spectrum;
  const all = cutoff.rank === singularValues.length && singularValues[cutoff.rank - 1]! > floor;
  return cutoff.alpha <= floor && !all;
};

/** Whether J [rows, columns] in float64 and what its SVD holds fit. */
const directFits = (context: MethodContext): boolean => {
  const size = dimensionsOf(context);
  const short = Math.min(size.rows, size.columns);
  return short <= LARGEST_DIRECT && directBytes(size) <= context.request.memory && Math.max(8 * size.rows * size.columns * 1.1, eigenBytes(2 * short, size.rank)) <= ARENA_LIMIT;
};

/** All singular values of J itself, held in float64. */
const byDirect: Method = async (context) => {
  const { open, products, progress, signal } = context;
  const outputs = await products.outputs(open.weights, { batches: open.batches, samples: open.samples, signal });
  const observed = observedOf(context, outputs);
  const carried = vectorsToCarry(observed);
  const opened = await openRowSource({ ...context, progress: part(progress, 0, 0.5) }, 0);
  try {
    const found = await directSpectrum(opened.source, carried.map((c) => c.values), {
      leading: (values) => rankOf(context, wholeSpectrum({ exact: { singularValues: values }, certificate: directCertificate(values, 0), floor: 0, frobenius: Math.hypot(...values) })),
      progress: part(progress, 0.5, 1),
      ...(signal ? { signal } : {}),
    });
    const frobenius = Math.sqrt(found.squaredColumns.reduce((sum, value) => sum + value, 0));
    const error = found.floor + gradientFloor(frobenius, "double");
    return wholeDecomposition(context, {
      name: "rows", exact: found, observed, carried, frobenius, floor: error, certificate: directCertificate(found.singularValues, error),
      blocks: blocksOf(opened, found.squaredColumns), warnings: opened.warnings, gramError: null,
    });
  } finally {
    await opened.dispose();
  }
};

/** The same analysis in float64 on the CPU; null where the model has an operator without such a kernel. The caller disposes of its network. */
const inDouble = async (context: MethodContext): Promise<MethodContext | string> => {
  const { request, signal, open } = context;
  if (open.precision === "double") return { ...context, open: { ...open, dispose: () => Promise.resolve() } };
  try {
    const asked = { ...request, precision: "double", provider: "cpu" } as const;
    const doubled = await openNetwork(asked, signal);
    return { ...context, open: doubled, request: asked, store: null, products: await doubled.graphs.products(doubled.network, new Set(doubled.network.lowered.parameters.map((p) => p.name))) };
  } catch (error) {
    if (error instanceof LensError && error.code === "JACOBIAN_PRECISION") return error.message;
    throw error;
  }
};

const short = (value: number): string => value.toPrecision(3);

const notRefined = (found: Decomposition, why: string): Decomposition => ({
  ...found,
  warnings: [...found.warnings, { code: "NOT_REFINED", message: `The cut-off α = ${short(found.cutoff.alpha)} lies under the rounding floor ${short(found.spectrum.floor)} of float32 gradients, and could not be refined: ${why}`, hint: "Choose a smaller rank or a larger α." }],
});

const said = (before: Decomposition, after: Decomposition, how: string): Warning => ({
  code: "REFINED",
  message: `The cut-off α = ${short(before.cutoff.alpha)} lay under the rounding floor ${short(before.spectrum.floor)}: ${how}, which puts the floor at ${short(after.spectrum.floor)}.`,
  hint: "Singular values, energies and error bars are those of the second computation.",
});

/** The steps of a refinement, from the one that loses least: J itself where it is held, else the method in float64, then J by its products. */
const steps = async (context: MethodContext, before: Decomposition, method: Method, fromSingle: boolean): Promise<{ readonly after: Decomposition; readonly how: string }> => {
  const { progress } = context;
  if (directFits(context)) return { after: await byDirect(context), how: "J itself was decomposed, in float64, not its Gram matrix" };
  const gram = fromSingle && before.method.name !== "krylov" ? await method({ ...context, progress: part(progress, 0, 0.5) }) : null;
  if (gram && !isUnderFloor(gram)) return { after: gram, how: "the gradients were computed again in float64" };
  return { after: await krylovTo(0)({ ...context, progress: part(progress, 0.5, 1) }), how: "the leading part was computed from products with J itself, in float64" };
};

/**
 * A method whose result is computed again where the cut-off lies under its rounding floor: from gradients in float64, and from J itself
 * instead of its Gram matrix. Says so in a warning; error bars, floor and cut-off are those of the second computation. Parameters taken by
 * differences have errors of their own, which this would not lessen: then the first result stands.
 */
export const refining = (method: Method): Method => async (context) => {
  const { progress } = context;
  const found = await method({ ...context, progress: part(progress, 0, 0.5) });
  if (!isUnderFloor(found) || context.open.ruleless.length > 0) return found;
  const again = await inDouble(context);
  if (typeof again === "string") return notRefined(found, again);
  try {
    const { after, how } = await steps({ ...again, progress: part(progress, 0.5, 1) }, found, method, context.open.precision === "single");
    const { gram, gramError } = found;
    return { ...after, refined: true, gram: after.gram ?? gram, gramError: after.gramError ?? gramError, warnings: [...after.warnings, said(found, after, how)] };
  } finally {
    await again.open.dispose();
  }
};
