import { version } from "../../package.json";
import { throwIfAborted } from "../core/errors.ts";
import { part, throttled } from "../core/progress.ts";
import { resolveLabels } from "../data/labels.ts";
import { folderStore } from "./cache/folder-store.ts";
import type { Analysis, AnalysisContext } from "./context.ts";
import { type FilledRequest, withDefaults } from "./defaults.ts";
import { layersOf } from "./layers.ts";
import { type Decomposition, entriesOf, type MethodContext } from "./methods/decomposition.ts";
import { type Method, METHODS } from "./methods/index.ts";
import { type GraphKeeper, oneShot } from "./network-graphs.ts";
import { exactNames, openNetwork, type OpenNetwork } from "./open-network.ts";
import type { AnalysisRequest } from "./request.ts";
import type { AnalysisResult } from "./result.ts";
import { checkDerivatives, checkIndependence } from "./run-checks.ts";
import { summarise, type Summary } from "./summary/summarise.ts";

interface Finished {
  readonly open: OpenNetwork;
  readonly request: FilledRequest;
  readonly found: Decomposition;
  readonly summary: Summary;
  readonly checks: AnalysisResult["checks"];
  readonly seconds: number;
}

const arrayFacts = (name: string, { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: string }): { name: string; shape: readonly number[]; dtype: string } => ({ name, shape, dtype });

const resultOf = ({ open, request, found, summary, checks, seconds }: Finished): AnalysisResult => {
  const { file, data, choices, runtime, network, samples } = open;
  const { spectrum } = found;
  return {
    schema: 1,
    tool: { name: "jacobian-lens", version },
    created: new Date().toISOString(),
    seconds,
    request: { ...request, samples, batch: network.batch },
    model: { path: file.path, sha256: file.sha256, opset: file.model.opsets.get("") ?? 0, producer: file.model.producer, warnings: [...file.warnings, ...found.warnings, ...summary.warnings] },
    data: { path: data.path, sha256: data.sha256, samples, outputs: network.outputs, x: arrayFacts(data.xName, data.x), y: data.y && arrayFacts(data.y.name, data.y.tensor) },
    parameters: choices.filter((c) => c.chosen).map(({ name, shape, count, layer }) => ({ name, shape, count, layer })),
    excluded: choices.filter((c) => !c.chosen).map(({ name, shape, count, reason }) => ({ name, shape, count, reason })),
    runtime: { provider: runtime.provider, nodes: null, refused: [], precision: request.precision, onnxruntime: runtime.version },
    method: found.method,
    checks,
    singularValues: Array.from(spectrum.singularValues),
    floor: spectrum.floor,
    errors: spectrum.errors,
    frobenius: spectrum.frobenius,
    density: found.density,
    cutoff: summary.cutoff,
    energy: summary.energy,
    samples: summary.samples,
    layers: found.blocks && found.method.exact ? layersOf(found.blocks, choices) : null,
    fit: summary.fit,
    learningRate: summary.learningRate,
    theory: null,
  };
};

/** Largest Gram matrix that the dense eigensolver takes, by memory: the matrix, its copy, and the reduction's half. */
const denseBytes = (size: number): number => 20 * size * size;

/** The method that was asked for, or the exact one where its matrix fits the memory. */
const methodOf = ({ open, request }: MethodContext): Method => {
  if (request.method !== "auto") return METHODS[request.method];
  const rows = open.samples * open.network.outputs;
  const columns = entriesOf(open);
  if (columns < rows && request.gram !== true && denseBytes(columns) <= request.memory) return METHODS.rows;
  if (open.ruleless.length > 0 || denseBytes(rows) <= request.memory) return METHODS.gram;
  return METHODS.krylov;
};

/** With the method "finite-difference" no parameter is differentiated by rule. */
const withMethod = (open: OpenNetwork, request: FilledRequest): OpenNetwork =>
  request.method === "finite-difference" ? { ...open, ruleless: open.network.lowered.parameters.map((p) => ({ parameter: p.name, operator: "", node: "" })) } : open;

const run = async (context: MethodContext, begun: number): Promise<Analysis> => {
  const { open, request, progress, signal } = context;
  const samplesIndependent = await checkIndependence(context);
  throwIfAborted(signal);
  const found = await methodOf(context)({ ...context, progress: part(progress, 0.1, 0.95) });
  progress(0.95, "checking derivatives");
  const derivatives = found.checks ?? (await checkDerivatives(context, found.gramError));
  const summary = summarise({ ...found.observed, ...found, ...(request.learningRate === undefined ? {} : { learningRate: request.learningRate }) });
  const seconds = (performance.now() - begun) / 1000;
  const result = resultOf({ open, request, found, summary, checks: { ...derivatives, samplesIndependent }, seconds });
  progress(1, "done");
  return { result, gram: found.gram };
};

/**
 * The one pipeline that every front end calls: reads model and data, computes the Jacobian's spectrum by the method asked for, and evaluates
 * the split. Runs native code that blocks its thread: call it in a worker process or a command line only. `keeper`: whose graphs are used, see
 * `Analyser`.
 * @throws LensError; the codes are listed in the README.
 */
export const analyse = async (asked: AnalysisRequest, { progress: report, signal, cache }: AnalysisContext, keeper: GraphKeeper = oneShot): Promise<Analysis> => {
  const begun = performance.now();
  const progress = throttled(report);
  const request = withDefaults(asked);
  progress(0, "reading model and data");
  const open = withMethod(await openNetwork(request, signal, keeper), request);
  const store = cache && cache.bytes > 0 ? folderStore(cache) : null;
  try {
    const products = await open.graphs.products(open.network, exactNames(open));
    const labels = open.data.y && resolveLabels(open.data.y, open.data, { outputs: open.network.outputs, loss: request.loss });
    return await run({ open, products, request, labels, progress, signal, store }, begun);
  } finally {
    await open.dispose();
  }
};
