import { version } from "../../package.json";
import { LensError, throwIfAborted } from "../core/errors.ts";
import { part, throttled } from "../core/progress.ts";
import { random } from "../core/random.ts";
import { resolveLabels } from "../data/labels.ts";
import type { Labels } from "../data/dataset.ts";
import { adjointCheck, type CheckOutcome, finiteDifferenceCheck, gramCheck, independenceCheck } from "../jacobian/checks.ts";
import { gram, type Gram, type GramBlock } from "../jacobian/gram.ts";
import { Products } from "../jacobian/products.ts";
import { exactSpectrum } from "../spectrum/exact.ts";
import { gradientFloor } from "../spectrum/floor.ts";
import { chooseCutoff } from "../theory/cutoff.ts";
import type { Spectrum } from "../theory/spectrum.ts";
import type { Analysis, AnalysisContext } from "./context.ts";
import { cotangentsOf } from "./cotangents.ts";
import { type FilledRequest, withDefaults } from "./defaults.ts";
import { layersOf } from "./layers.ts";
import { openNetwork, type OpenNetwork } from "./open-network.ts";
import type { AnalysisRequest } from "./request.ts";
import type { AnalysisResult, Warning } from "./result.ts";
import { summarise, type Summary } from "./summary/summarise.ts";
import { vectorsToCarry } from "./summary/vectors.ts";

type Checks = Readonly<Record<"adjoint" | "finiteDifference" | "samplesIndependent", CheckOutcome>>;

/** @throws LensError JACOBIAN_MIXED when samples of one batch influence each other: then J has no per-sample structure. */
const runChecks = async (open: OpenNetwork, found: Gram, request: FilledRequest, signal: AbortSignal | undefined): Promise<Checks> => {
  const products = new Products(open.runtime, open.network);
  const { weights, batches, samples } = open;
  const draws = random(request.seed, "checks");
  const batch = { batches, samples: Math.min(samples, open.network.batch), signal };
  try {
    const samplesIndependent = await independenceCheck(products, weights, batch);
    const pair = await adjointCheck(products, weights, batch, draws);
    const finiteDifference = await finiteDifferenceCheck(products, weights, batch, draws);
    const whole = request.loss === "l2" ? await gramCheck(products, weights, { batches, samples, signal }, found.matrix, draws) : pair;
    const adjoint = whole.error > pair.error ? whole : pair;
    return { adjoint, finiteDifference, samplesIndependent };
  } finally {
    await products.dispose();
  }
};

const refuseMixing = async (open: OpenNetwork): Promise<void> => {
  const products = new Products(open.runtime, open.network);
  try {
    const check = await independenceCheck(products, open.weights, open);
    if (!check.passed) {
      throw new LensError("JACOBIAN_MIXED", `The samples of a batch influence one another (outputs change by ${check.error.toExponential(1)} of the largest): the Jacobian has no row per sample.`, "Export the model in evaluation mode; batch statistics and attention across samples have no per-sample Jacobian. --batch 1 analyses each sample alone.");
    }
  } finally {
    await products.dispose();
  }
};

const readLabels = (open: OpenNetwork, request: FilledRequest): Labels | null =>
  open.data.y && resolveLabels(open.data.y, open.data, { outputs: open.network.outputs, loss: request.loss });

const structureWarnings = (open: OpenNetwork): Warning[] =>
  open.program.solo.length === 0 ? [] : [{
    code: "ONE_SAMPLE_AT_A_TIME",
    message: `The use of ${open.program.solo.map((s) => `"${s.parameter.name}" (node "${s.node}")`).join(", ")} has no per-sample structure that is known: gradients were taken one sample at a time.`,
    hint: "The result is exact; it only took longer. Leaving these parameters out with --parameters makes it faster.",
  }];

interface Finished {
  readonly open: OpenNetwork;
  readonly request: FilledRequest;
  readonly spectrum: Spectrum;
  readonly summary: Summary;
  readonly checks: Checks;
  readonly blocks: readonly GramBlock[];
  readonly seconds: number;
}

const arrayFacts = (name: string, { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: string }): { name: string; shape: readonly number[]; dtype: string } => ({ name, shape, dtype });

const resultOf = ({ open, request, spectrum, summary, checks, blocks, seconds }: Finished): AnalysisResult => {
  const { file, data, choices, runtime, network, samples } = open;
  return {
    schema: 1,
    tool: { name: "jacobian-lens", version },
    created: new Date().toISOString(),
    seconds,
    request: { ...request, samples, batch: network.batch },
    model: { path: file.path, sha256: file.sha256, opset: file.model.opsets.get("") ?? 0, producer: file.model.producer, warnings: [...file.warnings, ...structureWarnings(open), ...summary.warnings] },
    data: { path: data.path, sha256: data.sha256, samples, outputs: network.outputs, x: arrayFacts(data.xName, data.x), y: data.y && arrayFacts(data.y.name, data.y.tensor) },
    parameters: choices.filter((c) => c.chosen).map(({ name, shape, count, layer }) => ({ name, shape, count, layer })),
    excluded: choices.filter((c) => !c.chosen).map(({ name, shape, count, reason }) => ({ name, shape, count, reason })),
    runtime: { provider: runtime.provider, nodes: null, refused: [], precision: request.precision, onnxruntime: runtime.version },
    method: { name: "gram", products: 0, exact: true, plan: null },
    checks,
    singularValues: Array.from(spectrum.singularValues),
    floor: spectrum.floor,
    errors: null,
    frobenius: spectrum.frobenius,
    density: null,
    cutoff: summary.cutoff,
    energy: summary.energy,
    samples: summary.samples,
    layers: layersOf(blocks, choices),
    fit: summary.fit,
    learningRate: summary.learningRate,
    theory: null,
  };
};

/** ‖J‖_F from the diagonal of JJᵀ. */
const frobeniusOf = ({ matrix, size }: Gram): number => {
  let trace = 0;
  for (let i = 0; i < size; i++) trace += matrix[i * size + i] ?? 0;
  return Math.sqrt(trace);
};

/** How many leading left singular vectors per-class and per-sample figures need: the rank, where it is known before the spectrum. */
const leadingOf = (request: FilledRequest, outputs: number, count: number): number => Math.min(count, request.cutoff?.kind === "rank" ? request.cutoff.value : outputs * outputs);

/**
 * The one pipeline that every front end calls: reads model and data, computes the Jacobian's Gram matrix and spectrum, and evaluates
 * the split. Runs native code that blocks its thread: call it in a worker process or a command line only.
 * @throws LensError; the codes are listed in the README.
 */
export const analyse = async (asked: AnalysisRequest, { progress: report, signal }: AnalysisContext): Promise<Analysis> => {
  const begun = performance.now();
  const progress = throttled(report);
  const request = withDefaults(asked);
  progress(0, "reading model and data");
  const open = await openNetwork(request, signal);
  const { runtime, program, weights, batches, samples, edge, network } = open;
  await refuseMixing(open);
  const labels = readLabels(open, request);
  throwIfAborted(signal);
  const found = await gram({ executor: runtime, program, weights, batches, cotangents: cotangentsOf(request.loss), samples, edge, memory: request.memory, progress: part(progress, 0.1, 0.6), signal });
  progress(0.6, "checking derivatives");
  const checks = await runChecks(open, found, request, signal);
  const kept = request.gram === true ? found.matrix.slice() : null;
  const observed = { predictions: found.outputs, labels, samples, loss: request.loss, seed: request.seed };
  const carried = vectorsToCarry(observed);
  const frobenius = frobeniusOf(found);
  const entries = open.choices.reduce((sum, c) => sum + (c.chosen ? c.count : 0), 0);
  const exact = await exactSpectrum(found.matrix, found.size, carried.map((c) => c.values), {
    precision: "double",
    leading: leadingOf(request, network.outputs, found.size),
    progress: part(progress, 0.65, 0.98),
    ...(signal ? { signal } : {}),
  });
  const spectrum: Spectrum = { singularValues: exact.singularValues.subarray(0, Math.min(found.size, entries)), complete: true, floor: Math.max(exact.floor, gradientFloor(frobenius)), frobenius, errors: null };
  const cutoff = chooseCutoff(request.cutoff, spectrum, network.outputs);
  const held = exact.vectors.length / found.size;
  const leading = held >= cutoff.rank ? { rows: found.size, count: cutoff.rank, values: exact.vectors.subarray(0, cutoff.rank * found.size) } : null;
  const summary = summarise({ ...observed, spectrum, cutoff, carried, coefficients: exact.coefficients, leading, ...(request.learningRate === undefined ? {} : { learningRate: request.learningRate }) });
  progress(1, "done");
  const result = resultOf({ open, request, spectrum, summary, checks, blocks: found.blocks, seconds: (performance.now() - begun) / 1000 });
  return { result, gram: kept };
};
