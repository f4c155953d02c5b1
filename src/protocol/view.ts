import type { AnalysisResult, Energy } from "../analysis/result.ts";
import { gapAt, splitAt } from "../core/split.ts";
import { densityViewOf } from "./density-view.ts";
import { planViewOf } from "./plan-view.ts";
import { runtimeViewOf } from "./runtime-view.ts";
import type { CheckView, EnergyView, NamedFile, ResultView } from "./lens.ts";
import type { ResultSummary } from "./worker.ts";

/** The last part of a path of any system. */
export const baseName = (path: string): string => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);

export const namedFile = (path: string): NamedFile => ({ path, name: baseName(path) });

const checksOf = (checks: AnalysisResult["checks"]): readonly CheckView[] => {
  const names: readonly CheckView["name"][] = ["adjoint", "finiteDifference", "samplesIndependent", "provider"];
  return names.flatMap((name) => {
    const check = checks[name];
    return check ? [{ name, error: check.error, tolerance: check.tolerance, passed: check.passed }] : [];
  });
};

const energyOf = (energy: Energy | null): EnergyView | null =>
  energy && { norm: energy.norm, cumulative: Float64Array.from(energy.cumulative), perClass: energy.perClass };

const countOf = (result: AnalysisResult): number => result.parameters.reduce((sum, parameter) => sum + parameter.count, 0);

/** The method's name; "gram-with-differences" where the columns of some parameters were taken by differences. */
const methodOf = ({ method }: AnalysisResult): string => (method.name === "gram" && !method.exact ? "gram-with-differences" : method.name);

/** Whether a result holds all singular values that J has. */
export const isComplete = (result: AnalysisResult): boolean =>
  result.method.name !== "sketch" && result.singularValues.length >= Math.min(result.data.samples * result.data.outputs, countOf(result));

/** What the panel shows of a result. Arrays are copies, owned by the view. Cost: linear in the number of singular values. */
export const toLensView = (result: AnalysisResult, runId: string): ResultView => {
  const { model, data, runtime, energy } = result;
  const band = energy.randomLabels;
  return {
    state: "done",
    runId,
    model: namedFile(model.path),
    data: namedFile(data.path),
    facts: {
      created: result.created,
      seconds: result.seconds,
      samples: data.samples,
      outputs: data.outputs,
      parameters: countOf(result),
      parameterTensors: result.parameters,
      excluded: result.excluded,
      opset: model.opset,
      producer: model.producer,
      runtime: runtimeViewOf(runtime),
      method: methodOf(result),
      asked: result.request.method ?? "auto",
      plan: planViewOf(result.method.plan),
      reused: result.method.reused ?? null,
      exact: result.method.exact,
      complete: isComplete(result),
      products: result.method.products,
      loss: result.request.loss ?? null,
      seed: result.request.seed ?? null,
      frobenius: result.frobenius,
    },
    checks: checksOf(result.checks),
    warnings: model.warnings,
    singularValues: Float64Array.from(result.singularValues),
    errors: typeof result.errors === "number" ? result.errors : result.errors && Float64Array.from(result.errors),
    floor: result.floor,
    density: densityViewOf(result.density),
    cutoff: { ...result.cutoff, count: result.cutoff.count ?? null },
    labels: energyOf(energy.labels),
    residual: energyOf(energy.residual),
    randomLabels: band && { permutations: band.permutations, mean: Float64Array.from(band.mean), low: Float64Array.from(band.low), high: Float64Array.from(band.high) },
    angles: energy.angles ? Float64Array.from(energy.angles) : null,
    layers: result.layers,
    fit: result.fit,
    learningRate: result.learningRate,
  };
};

/** The headline figures of a result. */
export const toSummary = (result: AnalysisResult): ResultSummary => {
  const checks = checksOf(result.checks);
  return {
    model: result.model.path,
    data: result.data.path,
    created: result.created,
    seconds: result.seconds,
    samples: result.data.samples,
    outputs: result.data.outputs,
    parameters: countOf(result),
    opset: result.model.opset,
    producer: result.model.producer,
    provider: result.runtime.provider,
    fallback: result.runtime.fallback?.count ?? 0,
    method: methodOf(result),
    largest: result.singularValues[0] ?? 0,
    rank: result.cutoff.rank,
    rule: result.cutoff.rule,
    alpha: result.cutoff.alpha,
    gap: result.cutoff.gap,
    labelsInformation: result.energy.labels?.information ?? null,
    residualInformation: result.energy.residual?.information ?? null,
    accuracy: result.fit?.accuracy ?? null,
    checksPassed: checks.filter((check) => check.passed).length,
    checksMade: checks.length,
    warnings: result.model.warnings.length,
  };
};

/** A view with its cut-off at `rank`, as the user dragged it, of which nothing was certified; rank in 1 … number of singular values, others are moved to the nearer end. */
export const withRank = (view: ResultView, rank: number): ResultView => {
  const chosen = Math.max(1, Math.min(view.singularValues.length, Math.round(rank)));
  if (chosen === view.cutoff.rank) return view;
  const alpha = view.singularValues[chosen - 1] ?? 0;
  return { ...view, cutoff: { rank: chosen, rule: `rank ${chosen}`, alpha, gap: gapAt(view.singularValues, chosen), certified: false, count: null } };
};

/** The headline figures at a view's own cut-off; everything else as it was. */
export const withCutoffOf = (summary: ResultSummary, view: ResultView): ResultSummary => {
  const { rank, rule, alpha, gap } = view.cutoff;
  const information = (energy: EnergyView | null): number | null => energy && splitAt(view.singularValues, energy.cumulative, rank).information;
  return { ...summary, rank, rule, alpha, gap, labelsInformation: information(view.labels), residualInformation: information(view.residual) };
};
