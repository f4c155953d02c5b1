import type { DoctorReport, ProviderReport } from "../../analysis/doctor.ts";
import { memoryText } from "./device-memory.ts";
import { gpuFacts, libraryLines } from "./gpu.ts";
import { bytes } from "./numbers.ts";
import type { Style } from "./style.ts";

const providerLines = ({ provider, usable, reason, remedy, adapter, memory, seconds }: ProviderReport, style: Style): readonly string[] => {
  const name = provider.padEnd(8);
  if (!usable) return [`${name}${style.red("refused")}: ${reason ?? ""}`, ...(remedy === null ? [] : [`${" ".repeat(8)}${style.dim("to do:")} ${remedy}`])];
  const on = adapter === null ? "" : ` on ${adapter.name}`;
  const start = `${memory ? `${memoryText(memory)} by ${memory.source}; ` : ""}${seconds.toFixed(1)} s to start`;
  return [adapter?.software === true ? `${name}${style.yellow(`usable${on}: software on the CPU, not a GPU (${start})`)}` : `${name}${style.green(`usable${on} (${start})`)}`];
};

/** What `doctor` found, for people. */
export const doctorText = (report: DoctorReport, version: string, style: Style): string => {
  const { gpu } = report;
  const facts: readonly (readonly [string, string])[] = [
    ["jacobian-lens", version],
    ["node", `${report.node} (${report.platform})`],
    ["onnxruntime-node", report.onnxruntime ?? style.red("cannot be used")],
    ["cores", String(report.cores)],
    ["memory", `${bytes(report.memory.total)}, ${bytes(report.memory.free)} free`],
    ...(gpu === null ? [] : gpuFacts(gpu)),
  ];
  const libraries = gpu === null ? [] : libraryLines(gpu, style);
  return [
    ...facts.map(([name, value]) => `${style.dim(name.padEnd(18))}${value}`), "",
    ...(libraries.length > 0 ? [...libraries, ""] : []),
    ...report.providers.flatMap((found) => providerLines(found, style)), "",
  ].join("\n");
};
