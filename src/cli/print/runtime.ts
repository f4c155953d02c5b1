import type { AnalysisResult } from "../../analysis/result.ts";
import { batchesText, memoryText } from "./device-memory.ts";
import { counted } from "./numbers.ts";
import type { Style } from "./style.ts";

/** Operators that are named; the result has them all. */
const MOST_NAMED = 6;

/** Characters of a reason that fit a line of the table. */
const REASON = 110;

const cut = (text: string): string => (text.length > REASON ? `${text.slice(0, REASON - 1)}…` : text);

/** "Gather ×3, TopK" */
const operatorsOf = (nodes: readonly { readonly operator: string }[]): string => {
  const counts = new Map<string, number>();
  for (const { operator } of nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  const named = [...counts].sort(([, a], [, b]) => b - a).map(([operator, count]) => (count > 1 ? `${operator} ×${count}` : operator));
  return named.length > MOST_NAMED ? `${named.slice(0, MOST_NAMED).join(", ")} …` : named.join(", ");
};

const nodesText = ({ nodes, fallback }: AnalysisResult["runtime"], style: Style): string => {
  if (!nodes) return "";
  const ran = Object.entries(nodes).map(([provider, count]) => `${counted(count, "node")} on ${provider.replace("ExecutionProvider", "")}`).join(", ");
  if (!fallback || fallback.count === 0) return ` · ${ran}`;
  return ` · ${style.yellow(`${ran} (fell back: ${operatorsOf(fallback.nodes)})`)}`;
};

/**
 * What ran where, in lines of the table: the device, the nodes of each provider where that is not the CPU alone, the device's memory and the
 * batches taken for it, and why `auto` passed over
 * the providers before it. Empty for the CPU asked for by name.
 */
export const runtimeLines = ({ runtime }: AnalysisResult, style: Style): readonly string[] => {
  const { provider, adapter, memory, host, tf32, refused } = runtime;
  const device = adapter ? ` on ${adapter.software ? style.yellow(`${adapter.name}: software on the CPU, not a GPU`) : adapter.name}` : "";
  const apart = provider === "cpu" ? [] : [`${provider}${device}${nodesText(runtime, style)}${host && host.length > 0 ? ` · on the CPU by design: ${host.join(", ")}` : ""}${tf32 === true ? style.yellow(" · TF32") : ""}`];
  const reasons = [...new Set(refused.map(({ reason }) => reason))];
  const namesOf = (reason: string): string => refused.filter((refusal) => refusal.reason === reason).map((refusal) => refusal.provider).join(", ");
  const room = memory ? [`device memory: ${memoryText(memory)} (${memory.source}) · ${batchesText(memory)}`] : [];
  return [...apart, ...room, ...reasons.map((reason) => `${namesOf(reason)} not used: ${cut(reason)}`)];
};
