import type { CheckView, ResultView } from "../../../src/protocol/lens.ts";
import { counted, formatCount, formatNumber, formatPercent, formatSeconds } from "../../shared/format.ts";
import { methodText } from "./method.ts";
import { providerName, runtimeText } from "./runtime.ts";

/** One item of the facts line. */
export interface Fact {
  readonly id: "data" | "size" | "parameters" | "method" | "provider" | "seconds" | "fit" | "checks";
  readonly text: string;
  readonly title: string;
}

const CHECK_NAMES: Readonly<Record<CheckView["name"], string>> = {
  adjoint: "adjoint identity ⟨Jv, u⟩ = ⟨v, Jᵀu⟩",
  finiteDifference: "products against finite differences",
  samplesIndependent: "samples do not mix",
  provider: "one batch on the provider against the CPU",
};

/** A check in one line: what was tested and the numbers on both sides. */
export const checkText = (check: CheckView): string =>
  `${CHECK_NAMES[check.name]}: error ${formatNumber(check.error, 3)}, tolerance ${formatNumber(check.tolerance, 3)}`;

/** "3 checks passed", "1 of 3 checks failed" or that none was made. */
export const checksText = (checks: readonly CheckView[]): string => {
  const failed = checks.filter((check) => !check.passed).length;
  if (checks.length === 0) return "no checks made";
  return failed === 0 ? `${counted(checks.length, "check")} passed` : `${formatCount(failed)} of ${counted(checks.length, "check")} failed`;
};

const fitText = (fit: ResultView["fit"]): string | null => {
  if (!fit) return null;
  return fit.accuracy === null ? `loss ${formatNumber(fit.loss)}` : `accuracy ${formatPercent(fit.accuracy)}`;
};

/** The facts line: what was analysed, with what, and whether it can be trusted. */
export const factsOf = (view: ResultView): Fact[] => {
  const { facts } = view;
  const fit = fitText(view.fit);
  const refused = facts.runtime.refused.map((refusal) => `${providerName(refusal.provider)} refused: ${refusal.reason}`);
  return [
    { id: "size", text: `${counted(facts.samples, "sample")} × ${counted(facts.outputs, "output")}`, title: `J has ${formatCount(facts.samples * facts.outputs)} rows` },
    { id: "parameters", text: counted(facts.parameters, "parameter"), title: `J has ${formatCount(facts.parameters)} columns, of ${counted(facts.parameterTensors.length, "tensor")}` },
    ...(fit === null ? [] : [{ id: "fit" as const, text: fit, title: view.fit ? `loss ${formatNumber(view.fit.loss)}` : "" }]),
    { id: "method", text: methodText(facts), title: "how the spectrum was computed" },
    { id: "provider", text: runtimeText(facts.runtime), title: [`ONNX Runtime ${facts.runtime.onnxruntime}`, ...refused].join("\n") },
    { id: "seconds", text: formatSeconds(facts.seconds), title: `made ${facts.created}` },
    { id: "checks", text: checksText(view.checks), title: view.checks.map(checkText).join("\n") },
  ];
};

/** What is certain of the stored cut-off: the number of directions above an α, or which ones they are. */
const certaintyText = ({ certified, count }: ResultView["cutoff"]): string => {
  if (count === null) return certified ? ", certified" : "";
  const but = count.failure > 0 ? `, except with probability ${formatNumber(count.failure, 2)}` : "";
  if (count.atMost === null) return `; r is at least ${formatCount(count.atLeast)}${but}`;
  return count.atLeast === count.atMost ? `; r is certain${but}` : `; r is between ${formatCount(count.atLeast)} and ${formatCount(count.atMost)}${but}`;
};

/** Everything else that is known, as pairs for the details. */
export const detailsOf = (view: ResultView): readonly (readonly [string, string])[] => {
  const { facts, cutoff } = view;
  const margin = view.fit?.margin;
  return [
    ["Model", view.model.path],
    ["Data", view.data.path],
    ["Made", facts.created],
    ["Exported by", `${facts.producer || "not said"}, opset ${String(facts.opset)}`],
    ["Loss", facts.loss ?? "default"],
    ["Seed", facts.seed === null ? "default" : String(facts.seed)],
    ["‖J‖ (Frobenius)", formatNumber(facts.frobenius, 6)],
    ["Cut-off stored", `${cutoff.rule}: r = ${formatCount(cutoff.rank)}, α = ${formatNumber(cutoff.alpha)}${certaintyText(cutoff)}`],
    ...view.checks.map((check) => [check.passed ? "Check passed" : "Check failed", checkText(check)] as const),
    ...(margin ? [["Margins", `smallest ${formatNumber(margin.smallest)}, median ${formatNumber(margin.median)}, largest ${formatNumber(margin.largest)}`] as const] : []),
  ];
};
