import type { LibraryFinding } from "../../gpu-setup/libraries.ts";
import type { GpuReport } from "../../gpu-setup/report.ts";
import { columns } from "./columns.ts";
import { bytes } from "./numbers.ts";
import type { Style } from "./style.ts";

const cardText = ({ cards, wsl }: GpuReport): string => {
  const named = cards.map(({ name, memory }) => (memory === null ? name : `${name}, ${bytes(memory)}`));
  return named.length > 0 ? named.join("; ") : wsl ? "one of Windows, which does not say which" : "none found";
};

const driverText = ({ driver }: GpuReport): string => {
  if (driver === null) return "none found";
  const runs = driver.cuda === null ? "" : `, runs CUDA up to ${driver.cuda}`;
  return `${driver.version ?? "version unknown"}${runs}${driver.library === null ? ", libcuda.so.1 is missing" : ""}${driver.hangs ? ", hangs: nvidia-smi gave no answer" : ""}`;
};

const vulkanText = ({ vulkan: { loader, drivers } }: GpuReport): string => {
  const names = [...new Set(drivers.map(({ name, software }) => (software ? `${name} (software)` : name)))];
  return `${loader ?? "libvulkan.so.1 is missing"}; drivers: ${names.length > 0 ? names.join(", ") : "none"}`;
};

/** GPU, driver and what CUDA needs, as names and values. */
export const gpuFacts = (report: GpuReport): readonly (readonly [string, string])[] => {
  const { cuda } = report;
  const needs = cuda === null ? "not offered by onnxruntime-node on this platform" : `CUDA ${cuda.requirements.cuda}, cuDNN ${cuda.requirements.cudnn}, driver ${cuda.requirements.driver} or newer`;
  return [["gpu", cardText(report)], ["nvidia driver", driverText(report)], ["vulkan", vulkanText(report)], ["cuda needs", needs]];
};

const place = ({ path, origin, reachable, others }: LibraryFinding): readonly [string, string] => {
  if (path === null) return ["missing", others[0] === undefined ? "" : `another version: ${others[0]}`];
  return [reachable ? "found" : "not where the loader looks", `${path} (${origin ?? ""})`];
};

/** The libraries that CUDA needs, a line each; none where there is no CUDA provider. */
export const libraryLines = ({ cuda }: GpuReport, style: Style): readonly string[] => {
  if (cuda === null) return [];
  const rows = [...cuda.providers, ...cuda.libraries].map((library) => [library.name, ...place(library)]);
  const lines = columns([["library", "state", "where"], ...rows]);
  return lines.map((line, i) => (i === 0 ? style.dim(line) : line));
};
