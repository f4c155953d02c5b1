import type { AnalysisResult, Check, Energy } from "../../analysis/result.ts";
import { isComplete } from "../../protocol/view.ts";
import { columns } from "./columns.ts";
import { count, counted, share, short } from "./numbers.ts";
import { runtimeLines } from "./runtime.ts";
import type { Style } from "./style.ts";

/** Below this gap λ_r/λ_{r+1} a small change of J turns the two spaces. THEORY §2 asks to show it. */
const NEAR_ONE = 1.05;

const facts = ({ model, data, parameters, runtime, method, seconds }: AnalysisResult): string[] => {
  const total = parameters.reduce((sum, parameter) => sum + parameter.count, 0);
  return [
    `${model.path} on ${data.path}`,
    `${counted(data.samples, "sample")} × ${counted(data.outputs, "output")} · ${counted(total, "parameter")} in ${counted(parameters.length, "tensor")}`,
    `${runtime.provider} (ONNX Runtime ${runtime.onnxruntime}, ${runtime.precision} precision) · ${method.name}, ${kindOf(method)}${reusedOf(method)} · ${seconds.toFixed(2)} s`,
  ];
};

/** How far a method's figures go; a preview says so beside them, whatever else is quiet. */
const kindOf = ({ name, exact }: AnalysisResult["method"]): string => {
  if (exact) return "exact";
  if (name === "krylov") return "the leading part, certified";
  return name === "sketch" ? "a preview: right for the top, wrong for the tail" : "approximate";
};

/** What of the Gram matrix was read from the store; nothing where nothing was. */
const reusedOf = ({ reused }: AnalysisResult["method"]): string => (reused && reused.samples > 0 ? `, ${count(reused.samples)} of ${counted(reused.samples + reused.computed, "sample")} stored` : "");

/** Errors of a share that its three decimals do not show. */
const NEGLIGIBLE = 5e-4;

/** A share with its error bar, where that is not negligible. */
const barred = (value: number, error: number | undefined): string => (error !== undefined && error >= NEGLIGIBLE ? `${share(value)} ±${share(error)}` : share(value));

const energyRow = (name: string, energy: Energy | null): string[] =>
  energy ? [name, barred(energy.information, energy.errors?.information), barred(energy.nuisance, energy.errors?.nuisance), short(energy.pseudoInverse), short(energy.norm)] : [name, "–", "–", "–", "–"];

/** The table of Oymak et al. 2019, Tables 1–3, for labels and residual, and the random labels' mean beside it. */
const energies = ({ energy, cutoff, request }: AnalysisResult): string[] => {
  const rows = [
    ["", "‖Π_I z‖/‖z‖", "‖Π_N z‖/‖z‖", "‖J_I†z‖/‖z‖", "‖z‖"],
    energyRow("labels y", energy.labels),
    energyRow(request.loss === "cross-entropy" ? "residual softmax(f) − y" : "residual f − y", energy.residual),
  ];
  const mean = energy.randomLabels?.mean[cutoff.rank - 1];
  if (mean !== undefined) rows.push(["random labels", share(Math.sqrt(mean)), share(Math.sqrt(Math.max(0, 1 - mean))), "", ""]);
  return columns(rows, [1, 2, 3, 4]);
};

/** The rank, with what is certain of it where it follows from an α. */
const rankText = ({ rank, count: known }: AnalysisResult["cutoff"]): string => {
  if (!known) return count(rank);
  if (known.atMost === null) return `${count(rank)} (at least ${count(known.atLeast)})`;
  return known.atLeast === known.atMost ? `${count(rank)} (certain)` : `${count(rank)} (between ${count(known.atLeast)} and ${count(known.atMost)})`;
};

/** The gap after the cut-off; where there is none, whether λ_{r+1} is zero, is not there, or was not computed. */
const gapText = (result: AnalysisResult): string => {
  const { gap, rank } = result.cutoff;
  if (gap !== null) return `gap λ_r/λ_{r+1} = ${short(gap)}`;
  if (rank < result.singularValues.length) return "gap λ_r/λ_{r+1} = ∞";
  return isComplete(result) ? "no gap (the last direction)" : "gap not known";
};

const cutoffLine = (result: AnalysisResult, style: Style): string => {
  const { cutoff } = result;
  const warning = cutoff.gap !== null && cutoff.gap < NEAR_ONE ? style.yellow(" (near 1: the split is ill-conditioned)") : "";
  return `${cutoff.rule} · r = ${rankText(cutoff)} · α = ${short(cutoff.alpha)} · ${gapText(result)}${warning}`;
};

const spectrumLine = ({ singularValues, floor, frobenius }: AnalysisResult): string => {
  const below = singularValues.filter((value) => value <= floor).length;
  return `λ_1 = ${short(singularValues[0])} · ‖J‖_F = ${short(frobenius)} · ${counted(singularValues.length, "value")}, ${count(below)} at or below the rounding floor ${short(floor)}`;
};

const fitLine = ({ fit }: AnalysisResult): string | null => {
  if (!fit) return null;
  const accuracy = fit.accuracy === null ? "" : ` · accuracy ${share(fit.accuracy)}`;
  return `loss ${short(fit.loss)} (sum over samples)${accuracy}`;
};

const rateLine = ({ learningRate, request }: AnalysisResult): string => {
  const { theory, divergence, inUsersUnits } = learningRate;
  const first = `η ≤ 1/λ_1² = ${short(theory)} (theory) · η < 2/λ_1² = ${short(divergence)} (stable)`;
  if (request.learningRate === undefined || !inUsersUnits) return first;
  const conventions = Object.keys(inUsersUnits).flatMap((key) => (key.endsWith(".ofDivergence") ? [key.replace(".ofDivergence", "")] : []));
  const lines = conventions.map((name) => `${name} ${short(inUsersUnits[`${name}.divergence`])}`);
  return `${first} · in your units, stable below: ${lines.join(", ")} (yours ${short(request.learningRate)})`;
};

const CHECK_NAMES: Readonly<Record<keyof AnalysisResult["checks"], string>> = { adjoint: "adjoint", finiteDifference: "finite differences", samplesIndependent: "samples independent", provider: "provider against CPU" };

/** The checks that were made, with their names in words. */
export const checksOf = (checks: AnalysisResult["checks"]): (Check & { readonly name: string })[] =>
  (["provider", "adjoint", "finiteDifference", "samplesIndependent"] as const).flatMap((key) => {
    const check = checks[key];
    return check ? [{ ...check, name: CHECK_NAMES[key] }] : [];
  });

const checksLine = (result: AnalysisResult, style: Style): string => {
  const made = checksOf(result.checks).map(({ name, error, tolerance, passed, stored }) => `${name} ${passed ? style.green("passed") : style.red("FAILED")}${stored ? " when stored" : ""} (${short(error)} against ${short(tolerance)})`);
  return made.length > 0 ? made.join(" · ") : "none made";
};

/** The result as a short table for people. Ends with a line feed. */
export const analysisText = (result: AnalysisResult, style: Style): string => {
  const [head = "", ...where] = facts(result);
  const lines: readonly (readonly [string, string | null])[] = [
    ["cut-off", cutoffLine(result, style)],
    ["spectrum", spectrumLine(result)],
    ["fit", fitLine(result)],
    ["learning rate", rateLine(result)],
    ["checks", checksLine(result, style)],
    ...runtimeLines(result, style).map((line, i) => [i === 0 ? "provider" : "", line] as const),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  const rest = lines.flatMap(([name, text]) => (text === null ? [] : [`${style.dim(name.padEnd(width))}  ${text}`]));
  return [style.bold(head), ...where, "", ...energies(result), "", ...rest, ""].join("\n");
};
