import type { DoctorReport } from "../../analysis/doctor.ts";
import { bytes } from "./numbers.ts";
import type { Style } from "./style.ts";

/** What `doctor` found, for people. */
export const doctorText = (report: DoctorReport, version: string, style: Style): string => {
  const facts: readonly (readonly [string, string])[] = [
    ["jacobian-lens", version],
    ["node", `${report.node} (${report.platform})`],
    ["onnxruntime-node", report.onnxruntime ?? style.red("cannot be used")],
    ["cores", String(report.cores)],
    ["memory", `${bytes(report.memory.total)}, ${bytes(report.memory.free)} free`],
    ["gpu", report.gpus.length > 0 ? report.gpus.join("; ") : "no NVIDIA GPU found"],
  ];
  const providers = report.providers.map(({ provider, usable, reason, seconds }) =>
    `${provider.padEnd(8)}${usable ? style.green(`usable (${seconds.toFixed(1)} s to start)`) : `${style.red("refused")}: ${reason ?? ""}`}`);
  return [...facts.map(([name, value]) => `${style.dim(name.padEnd(18))}${value}`), "", ...providers, ""].join("\n");
};
