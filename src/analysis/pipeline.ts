import { version } from "../../package.json";
import { throwIfAborted } from "../core/errors.ts";
import { part, throttled } from "../core/progress.ts";
import { resolveLabels } from "../data/labels.ts";
import { type Attempt, persistently } from "./attempts.ts";
import { folderStore } from "./cache/folder-store.ts";
import { localRuntimes } from "./choose-runtime.ts";
import type { Analysis, AnalysisContext } from "./context.ts";
import { type FilledRequest, withDefaults } from "./defaults.ts";
import { smallestRuns } from "./device-use.ts";
import { layersOf } from "./layers.ts";
import type { Decomposition, MethodContext } from "./methods/decomposition.ts";
import { guarded, withinMemory } from "./memory-guard.ts";
import { METHODS } from "./methods/index.ts";
import { type GraphKeeper, oneShot } from "./network-graphs.ts";
import { type ChooseRuntime, exactNames, openNetwork, type OpenNetwork } from "./open-network.ts";
import { makePlan, withoutRules } from "./plan/make-plan.ts";
import { chosenPlan, type Plan } from "./plan/plan.ts";
import { methodOf } from "./plan/refuse.ts";
import { checkProvider } from "./provider-check.ts";
import type { AnalysisRequest } from "./request.ts";
import type { AnalysisResult, Warning } from "./result.ts";
import { runtimeFacts } from "./runtime-facts.ts";
import { checkDerivatives, checkIndependence, uncheckedDerivatives } from "./run-checks.ts";
import { summarise, type Summary } from "./summary/summarise.ts";

interface Finished {
  readonly open: OpenNetwork;
  readonly request: FilledRequest;
  readonly found: Decomposition;
  readonly plan: Plan;
  readonly summary: Summary;
  readonly checks: AnalysisResult["checks"];
  readonly warnings: readonly Warning[];
  readonly seconds: number;
}

const arrayFacts = (name: string, { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: string }): { name: string; shape: readonly number[]; dtype: string } => ({ name, shape, dtype });

const resultOf = ({ open, request, found, plan, summary, checks, warnings, seconds }: Finished): AnalysisResult => {
  const { file, data, choices, network, samples } = open;
  const { spectrum } = found;
  return {
    schema: 1,
    tool: { name: "jacobian-lens", version },
    created: new Date().toISOString(),
    seconds,
    request: { ...request, samples, batch: network.batch },
    model: { path: file.path, sha256: file.sha256, opset: file.model.opsets.get("") ?? 0, producer: file.model.producer, warnings: [...file.warnings, ...warnings, ...found.warnings, ...summary.warnings] },
    data: { path: data.path, sha256: data.sha256, samples, outputs: network.outputs, x: arrayFacts(data.xName, data.x), y: data.y && arrayFacts(data.y.name, data.y.tensor) },
    parameters: choices.filter((c) => c.chosen).map(({ name, shape, count, layer }) => ({ name, shape, count, layer })),
    excluded: choices.filter((c) => !c.chosen).map(({ name, shape, count, reason }) => ({ name, shape, count, reason })),
    runtime: runtimeFacts(open, request, found.refined === true),
    method: { ...found.method, plan },
    checks,
    singularValues: Array.from(spectrum.singularValues),
    floor: spectrum.floor,
    errors: spectrum.errors,
    frobenius: spectrum.frobenius,
    density: found.density,
    cutoff: summary.cutoff,
    energy: summary.energy,
    samples: summary.samples,
    layers: found.blocks && open.ruleless.length === 0 ? layersOf(found.blocks, choices) : null,
    fit: summary.fit,
    learningRate: summary.learningRate,
    theory: null,
  };
};

/** With the method "finite-difference" no parameter is differentiated by rule. */
const withMethod = (open: OpenNetwork, request: FilledRequest): OpenNetwork => (request.method === "finite-difference" ? withoutRules(open) : open);

/** What a run is given beside its context. */
interface RunFacts {
  readonly begun: number;
  readonly warnings: readonly Warning[];
}

const run = async (context: MethodContext, { begun, warnings }: RunFacts): Promise<Analysis> => {
  const { open, products, request, progress, signal } = context;
  const provider = await checkProvider(open, products, request.seed, signal);
  const samplesIndependent = await checkIndependence(context);
  throwIfAborted(signal);
  progress(0.08, "planning");
  const { plan, allowance } = await makePlan(open, request);
  throwIfAborted(signal);
  const flops = chosenPlan(plan)?.flops ?? null;
  const method = METHODS[methodOf(plan, request)];
  const { found, derivatives } = await withinMemory(request.memory, "refuse", async () => {
    const made = await method({ ...context, request: { ...request, memory: allowance }, progress: part(progress, 0.1, 0.95), flops });
    progress(0.95, "checking derivatives");
    return { found: made, derivatives: made.checks ?? (await checkDerivatives(context, made.gramError)) };
  });
  const summary = summarise({ ...found.observed, ...found, ...(request.learningRate === undefined ? {} : { learningRate: request.learningRate }) });
  const seconds = (performance.now() - begun) / 1000;
  const result = resultOf({ open, request, found, plan, summary, checks: { ...derivatives, samplesIndependent, provider }, warnings: [...warnings, ...uncheckedDerivatives(open, derivatives)], seconds });
  progress(1, "done");
  return { result, gram: found.gram };
};

const attemptAnalysis = async (attempt: Attempt, context: AnalysisContext, keeper: GraphKeeper, begun: number): Promise<Analysis> => {
  const { request, without, warnings } = attempt;
  const { progress, signal, cache, runtimes = localRuntimes(context.entry ?? null) } = context;
  const choose: ChooseRuntime = async (wanted) => {
    const chosen = await runtimes(wanted, { without, signal });
    attempt.provider = chosen.runtime.provider;
    return { ...chosen, runtime: guarded(chosen.runtime) };
  };
  const open = withMethod(await openNetwork(request, signal, keeper, choose, attempt.most), request);
  Object.assign(attempt, smallestRuns(open, request));
  const store = cache && cache.bytes > 0 ? folderStore(cache) : null;
  try {
    const products = await open.graphs.products(open.network, exactNames(open));
    const labels = open.data.y && resolveLabels(open.data.y, open.data, { outputs: open.network.outputs, loss: request.loss });
    return await run({ open, products, request, labels, progress, signal, store }, { begun, warnings });
  } catch (error) {
    await keeper.drop?.();
    throw error;
  } finally {
    await open.dispose();
  }
};

/**
 * The one pipeline that every front end calls: reads model and data, computes the Jacobian's spectrum by the method asked for, and evaluates
 * the split. Runs native code that blocks its thread: call it in a worker process or a command line only. `keeper`: whose graphs are used, see
 * `Analyser`. Out of the device's memory it begins again with half the batch; with provider `auto` it goes on with the next where one fails.
 * @throws LensError; the codes are listed in the README.
 */
export const analyse = (asked: AnalysisRequest, context: AnalysisContext, keeper: GraphKeeper = oneShot): Promise<Analysis> => {
  const begun = performance.now();
  const progress = throttled(context.progress);
  progress(0, "reading model and data");
  const request = withDefaults(asked);
  return withinMemory(request.memory, "tidy", () => persistently(request, (attempt) => attemptAnalysis(attempt, { ...context, progress }, keeper, begun)));
};
