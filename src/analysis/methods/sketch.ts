import { LensError } from "../../core/errors.ts";
import { silent } from "../../core/progress.ts";
import { jacobianOperator } from "../../jacobian/operator.ts";
import { operatorOfRows } from "../../jacobian/row-operator.ts";
import { differenceOperator } from "../../jacobian/sketch.ts";
import { matrixProduct } from "../../linalg/matrix-product.ts";
import type { LinearOperator } from "../../linalg/operator.ts";
import { gradientFloor, roundingFloor } from "../../spectrum/floor.ts";
import { type Sketch, sketchedTriplets, sketchedValues, type SketchOfImages, type SketchOptions } from "../../spectrum/sketch.ts";
import { estimateSquaredNorm } from "../../spectrum/trace-estimate.ts";
import { chooseCutoff } from "../../theory/cutoff.ts";
import type { Spectrum } from "../../theory/spectrum.ts";
import type { Warning } from "../result.ts";
import { vectorsToCarry } from "../summary/vectors.ts";
import { type Decomposition, type MethodContext, observedOf } from "./decomposition.ts";
import { differencedNetwork } from "./difference.ts";
import { wantedOf } from "./krylov.ts";
import { gaussNewtonOperator } from "./loss-operator.ts";
import { openRowSource } from "./row-source.ts";
import { measuredRows } from "./row-squares.ts";
import { dimensionsOf } from "./rows.ts";
import { sketchBytes } from "./sizes.ts";
import { SKETCH_POWERS, SKETCH_SLICE_BYTES, sketchWay } from "./sketch-way.ts";
import { exactNorm, normOfBlocks, type NormOfJacobian, worthPasses } from "./squared-norm.ts";

/** Directions beyond twice the values wanted. */
const OVERSAMPLING = 10;

/** Directions where there is no Jᵀ: singular values then scatter by 1/√(2·directions). */
const LEAST_WITHOUT_RULES = 100;

/** How many leading values a sketch returns, and from how many random directions. */
export const sketchSize = (context: Pick<MethodContext, "open" | "request">): { readonly wanted: number; readonly directions: number } => {
  const { rows, columns } = dimensionsOf(context);
  const short = Math.min(rows, columns);
  const wanted = Math.min(wantedOf(context), short);
  const directions = 2 * wanted + OVERSAMPLING;
  return { wanted, directions: Math.min(context.open.ruleless.length > 0 ? Math.max(directions, LEAST_WITHOUT_RULES) : directions, short) };
};

/** @throws LensError MEMORY, JACOBIAN_METHOD. */
const refuse = (context: MethodContext, directions: number): void => {
  const { request } = context;
  if (request.gram === true) throw new LensError("JACOBIAN_METHOD", "--method sketch does not form JJᵀ, which --gram writes.", "Use --method gram with --gram.");
  const needs = sketchBytes(dimensionsOf(context), directions);
  if (needs > request.memory) throw new LensError("MEMORY", `The sketch of ${directions} directions holds ${Math.ceil(needs / 2 ** 20)} MiB; ${Math.floor(request.memory / 2 ** 20)} MiB are allowed.`, "Ask for a smaller rank (--rank), take fewer samples (--samples) or parameters (--parameters), or allow more memory (--memory).");
};

interface Seen {
  readonly outputs: Float64Array;
  readonly sketch: Sketch;
  readonly norm: NormOfJacobian;
  /** What is to be known about the values and ‖J‖_F. */
  readonly says: string;
  readonly warnings: readonly Warning[];
}

/** A sketch with ‖J‖_F². */
type Sketched = Pick<Seen, "sketch" | "norm" | "warnings">;

/** Relative to λ_1: how far apart the norm of one product and that of the rows may be. */
const AGREEMENT = 1e-3;

const short = (value: number): string => String(Number(value.toPrecision(3)));

/** The sketch from per-sample gradients; null where they are not those of the products: of a model that numbers the rows of its batch. */
const sketchOfRows = async (context: MethodContext, operator: LinearOperator, wanted: number, keep: number, options: SketchOptions): Promise<Sketched | null> => {
  const opened = await openRowSource({ ...context, progress: silent }, keep, Infinity, SKETCH_SLICE_BYTES);
  const measured = measuredRows(opened);
  const ofRows = operatorOfRows(context.open.runtime, measured.source);
  try {
    const sketch = await sketchedTriplets(ofRows, wanted, { ...options, powers: SKETCH_POWERS, block: options.directions });
    const pulled = await operator.applyTransposed(sketch.left.slice(0, operator.rows), 1, options.signal);
    const largest = sketch.values[0] ?? 0;
    const agree = Math.abs(Math.sqrt(pulled.reduce((sum, x) => sum + x * x, 0)) - largest) <= AGREEMENT * largest;
    return agree ? { sketch: { ...sketch, products: sketch.products + 1 }, norm: normOfBlocks(measured.blocks(), 0), warnings: opened.warnings } : null;
  } finally {
    await ofRows.dispose();
    await opened.dispose();
  }
};

/** The sketch by products; ‖J‖_F² exactly where the passes for it are few, else from the sketch's directions and probes of the rest. */
const sketchOfProducts = async (context: MethodContext, operator: LinearOperator, wanted: number, vectors: number, options: SketchOptions): Promise<Sketched> => {
  const exact = worthPasses(context.open, vectors) ? await exactNorm(context) : null;
  const sketch = await sketchedTriplets(operator, wanted, { ...options, powers: SKETCH_POWERS });
  if (exact) return { sketch, norm: exact, warnings: [] };
  const { values, left } = sketch;
  // ‖Jᵀû‖ is the value itself for every û of the sketch: what they hold is known.
  const leading = { rows: operator.rows, values, left, certificates: new Float64Array(values.length), rest: null };
  const { seed, signal } = options;
  return { sketch, norm: { total: await estimateSquaredNorm(operator, { leading, ...(seed === undefined ? {} : { seed }), ...(signal ? { signal } : {}) }), blocks: null }, warnings: [] };
};

/** What is to be known about an estimate of ‖J‖_F; nothing about an exact one. */
const aboutNorm = ({ total: { value, low, high, failure }, blocks }: NormOfJacobian): string =>
  (blocks ? "" : `; ‖J‖_F is about ${short(Math.sqrt(value))}, an estimate (${short(Math.sqrt(low))} to ${short(Math.sqrt(high))} with probability ${1 - failure})`);

const byRules = async (context: MethodContext, wanted: number, options: SketchOptions): Promise<Seen> => {
  const { open, products, request, signal } = context;
  const data = { batches: open.batches, samples: open.samples, signal };
  const outputs = await products.outputs(open.weights, data);
  const jacobian = jacobianOperator(products, open.weights, data);
  const operator = request.loss === "l2" ? jacobian : gaussNewtonOperator(jacobian, outputs, open.network.outputs);
  const { by, keep, vectors } = sketchWay(open, { ...dimensionsOf(context), wanted, directions: options.directions }, request.memory);
  const ofRows = by === "rows" ? await sketchOfRows(context, operator, wanted, keep, options) : null;
  const found = ofRows ?? (await sketchOfProducts(context, operator, wanted, vectors, options));
  return { outputs, ...found, says: `each value is at most the singular value it stands for, and its error bar is how far the nearest one is at most${aboutNorm(found.norm)}` };
};

/** ‖J‖_F² from the images of random directions, as the sketch estimates it; its interval is one standard error to either side. */
const normOfImages = ({ squaredNorm: { value, standardError } }: SketchOfImages): NormOfJacobian =>
  ({ total: { value, low: Math.max(0, value - standardError), high: value + standardError, failure: 0.32, products: 0 }, blocks: null });

/** From inference only: for models with operators that have no rule. All parameters are moved together. */
const byDifferences = async (context: MethodContext, wanted: number, options: SketchOptions): Promise<Seen> => {
  const { open, request, signal } = context;
  const network = await differencedNetwork(open, new Set(open.network.lowered.parameters.map((p) => p.name)));
  try {
    const data = { batches: network.batches, samples: open.samples, signal };
    const outputs = await network.products.outputs(network.weights, data);
    const plain = differenceOperator(network.products, network.weights, data);
    const noTransposed: LinearOperator = { ...plain, applyTransposed: () => Promise.reject(new Error("differences give no Jᵀ")) };
    const sketch = await sketchedValues(request.loss === "l2" ? plain : gaussNewtonOperator(noTransposed, outputs, open.network.outputs), wanted, options);
    const { value, standardError } = sketch.squaredNorm;
    // The error of a square root: half that of its square, relatively.
    const norm = Math.sqrt(value);
    const scatter = sketch.products === plain.columns
      ? "with as many directions as parameters they are those of J"
      : `the leading values scatter by about ${(100 / Math.sqrt(2 * sketch.products)).toFixed(0)} %, the later ones are too large, and ‖J‖_F is about ${short(norm)}, with a standard error of ${short(standardError / (2 * norm))}`;
    return { outputs, sketch, norm: normOfImages(sketch), warnings: [], says: `from inference only, by differences in ${network.precision === "double" ? "float64" : "float32"} with an error bar of ${plain.bar().toExponential(1)}: ${scatter}` };
  } finally {
    await network.dispose();
  }
};

const warningOf = (directions: number, says: string): Warning => ({
  code: "SKETCH",
  message: `This is a preview from ${directions} random directions, right for the top of the spectrum and wrong for its tail; ${says}.`,
  hint: "Use --method auto for figures to rely on.",
});

/**
 * A preview of the leading part from random projections of the per-sample gradients: J·Ω and Jᵀ of its span where there are rules, by products
 * or by the rows of J (`sketchWay`), J·Ω by differences where one is missing. Marked as not exact, with a warning. Cost and memory:
 * `sketchSize`, `sketchBytes`. ‖J‖_F is exact where it costs little beside the sketch, else an estimate with its interval, which the warning tells.
 * @throws LensError MEMORY, JACOBIAN_METHOD.
 */
export const bySketch = async (context: MethodContext): Promise<Decomposition> => {
  const { open, request, progress, signal } = context;
  const { wanted, directions } = sketchSize(context);
  refuse(context, directions);
  const differenced = open.ruleless.length > 0;
  const options = { directions, seed: request.seed, progress, ...(signal ? { signal } : {}) };
  const { outputs, sketch, norm, says, warnings } = await (differenced ? byDifferences : byRules)(context, wanted, options);
  const observed = observedOf(context, outputs);
  const carried = vectorsToCarry(observed);
  const rows = outputs.length;
  const frobenius = Math.sqrt(norm.total.value);
  const floor = open.precision === "double" ? roundingFloor(sketch.values[0] ?? 0, directions) : gradientFloor(frobenius);
  const spectrum: Spectrum = { singularValues: sketch.values, complete: false, floor, frobenius, errors: sketch.certificates && Array.from(sketch.certificates, (c) => c + floor) };
  const cutoff = { ...chooseCutoff(request.cutoff, spectrum, open.network.outputs), certified: false };
  const method = { name: "sketch", products: sketch.products + norm.total.products, exact: false, plan: null } as const;
  return {
    method, observed, carried, spectrum, cutoff,
    coefficients: carried.map(({ values }) => matrixProduct(sketch.left, values, sketch.values.length, rows, 1)),
    projections: null,
    leading: { rows, count: cutoff.rank, values: sketch.left.subarray(0, cutoff.rank * rows) },
    blocks: norm.blocks, density: null, gram: null, gramError: null,
    warnings: [warningOf(directions, says), ...warnings],
  };
};
