import type { RuntimeView } from "../../../src/protocol/runtime-view.ts";
import { counted, formatBytes, formatCount } from "../../shared/format.ts";

/** Something the user must see before the numbers: a sentence, what to do, and the cases it is about. */
export interface Notice {
  readonly kind: "warning" | "error";
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** Rows of a table to unfold, the first of them its heading; none: nothing to unfold. */
  readonly cases: readonly (readonly string[])[];
}

const PROVIDERS: Readonly<Record<string, string>> = { cpu: "CPU", cuda: "CUDA", webgpu: "WebGPU", dml: "DirectML", coreml: "Core ML" };

/** A provider's name as its makers write it. */
export const providerName = (provider: string): string => PROVIDERS[provider] ?? provider;

const engineName = (engine: string): string => {
  const plain = engine.replace(/ExecutionProvider$/u, "");
  const known = Object.keys(PROVIDERS).find((id) => id === plain.toLowerCase()) ?? (plain.toLowerCase() === "js" ? "webgpu" : plain);
  return providerName(known);
};

/** How many operators of each kind, the most frequent first: "MaxPool (3), Sign". */
const operatorsOf = (nodes: readonly { readonly operator: string }[]): string => {
  const counts = new Map<string, number>();
  for (const { operator } of nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([operator, count]) => (count === 1 ? operator : `${operator} (${formatCount(count)})`)).join(", ");
};

const totalOf = (nodes: RuntimeView["nodes"]): number | null => nodes && Object.values(nodes).reduce((sum, count) => sum + count, 0);

const fallbackNotice = ({ provider, fallback, nodes, copies }: RuntimeView): Notice[] => {
  if (!fallback || fallback.count === 0) return [];
  const total = totalOf(nodes);
  const share = total === null ? counted(fallback.count, "node") : `${formatCount(fallback.count)} of ${counted(total, "node")}`;
  const left = fallback.count - fallback.nodes.length;
  const copied = copies === null || copies === 0 ? "" : `, with ${counted(copies, "value")} copied between the two in each run`;
  return [{
    kind: "warning",
    code: "RUNTIME_FALLBACK",
    message: `${share} ran on the CPU, not on ${providerName(provider)}: ${operatorsOf(fallback.nodes)}${left > 0 ? " and more" : ""}.`,
    hint: `${providerName(provider)} has no kernel for them. The numbers are right; the time is not the device's alone${copied}. A strict provider (--strict-provider) refuses such a run.`,
    cases: [["operator", "node"], ...fallback.nodes.map(({ name, operator }) => [operator, name]), ...(left > 0 ? [["…", `and ${formatCount(left)} more`]] : [])],
  }];
};

/** What must be seen about where it ran: fallbacks to the CPU, software that stands in for a device, rounded products. */
export const runtimeNotices = (runtime: RuntimeView): Notice[] => {
  const { provider, adapter, tf32 } = runtime;
  const software = adapter?.software === true ? [{
    kind: "warning" as const, code: "RUNTIME_SOFTWARE", message: `${providerName(provider)} ran on ${adapter.name}, which computes on the CPU: a stand-in for a GPU, not one.`,
    hint: "Times say nothing about a GPU, and --provider cpu is faster.", cases: [],
  }] : [];
  const rounded = tf32 === true ? [{
    kind: "warning" as const, code: "RUNTIME_TF32", message: "Products were rounded to TensorFloat-32, with 10 bits of mantissa.",
    hint: "Small singular values are lost in that: leave NVIDIA_TF32_OVERRIDE unset, or set it to 0.", cases: [],
  }] : [];
  return [...software, ...fallbackNotice(runtime), ...rounded];
};

/** Provider, device and precision in a few words of the facts line. */
export const runtimeText = ({ provider, adapter, precision, fallback }: RuntimeView): string => {
  const device = adapter === null ? "" : ` (${adapter.name})`;
  const left = fallback && fallback.count > 0 ? `, ${counted(fallback.count, "node")} on the CPU` : "";
  return `${providerName(provider)}${device}, ${precision} precision${left}`;
};

/** What of the device's memory was free, who says so, and the batches that were taken for it. */
const memoryText = ({ free, total, source, batch: { products, gradients } }: NonNullable<RuntimeView["memory"]>): string => {
  const size = free === null ? (total === null ? "not known" : `${formatBytes(total)} in all`) : `${formatBytes(free)}${total === null ? "" : ` of ${formatBytes(total)}`} free`;
  const batches = `batches of ${counted(products, "sample")}${gradients === products ? "" : `, ${formatCount(gradients)} where gradients are written`}`;
  return `${size} (${source}); ${batches}`;
};

/** Everything known about where it ran, as pairs. */
export const runtimeDetails = (runtime: RuntimeView): readonly (readonly [string, string])[] => {
  const { provider, adapter, memory, nodes, copies, host, tf32, precision, onnxruntime } = runtime;
  const engines = nodes && Object.entries(nodes).sort((a, b) => b[1] - a[1]).map(([engine, count]) => `${engineName(engine)} ${formatCount(count)}`).join(", ");
  return [
    ["Provider", `${providerName(provider)}, ONNX Runtime ${onnxruntime}`],
    ...(adapter ? [["Device", `${adapter.name}${adapter.software ? ", in software on the CPU" : ""}`] as const] : []),
    ...(memory ? [["Device memory", memoryText(memory)] as const] : []),
    ["Precision", precision],
    ["Nodes by provider", engines ?? (provider === "cpu" ? "all on the CPU" : "not measured")],
    ...(copies === null ? [] : [["Copies", `${counted(copies, "value")} between device and CPU in one run of each graph`] as const]),
    ...(host.length > 0 ? [["On the CPU on purpose", host.join("; ")] as const] : []),
    ...(provider === "cuda" && tf32 !== null ? [["TF32", tf32 ? "on: products have 10 bits of mantissa" : "off: products have the full 23 bits of mantissa"] as const] : []),
  ];
};
