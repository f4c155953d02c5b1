import type { GraphicsCard } from "../gpu-setup/graphics-cards.ts";
import { type GpuReport, obstacle, type Step } from "../gpu-setup/report.ts";
import type { ProviderTrial } from "../runtime/provider-trial.ts";
import type { Adapter, ProviderName } from "../runtime/session.ts";

/** The order in which ONNX Runtime meets what the CUDA provider needs: its own library, CUDA's libraries, the driver, a GPU. */
const MET_IN: readonly Step["subject"][] = ["platform", "provider library", "CUDA libraries", "driver", "GPU", "Vulkan"];

const stepsOf = (gpu: GpuReport, provider: ProviderName): readonly Step[] => (provider === "cuda" ? gpu.steps.cuda : provider === "webgpu" ? gpu.steps.webgpu : []);

/** ONNX Runtime does not say which GPU CUDA computes on; with several it is one of them. */
const nvidia = (cards: readonly GraphicsCard[]): Adapter | null => {
  const names = cards.filter(({ vendor }) => vendor === "nvidia").map(({ name }) => name);
  return names.length === 0 ? null : { name: [...new Set(names)].join(" or "), software: false };
};

/**
 * Puts what ONNX Runtime said of a provider beside what was found on this computer. The reason begins with what ONNX Runtime met first; the
 * remedy is for what has to be put right first: no library helps without a GPU. Without an inspection the trial stays as it is.
 */
export const explained = <T extends Omit<ProviderTrial, "onnxruntime">>(trial: T, gpu: GpuReport | null): T => {
  if (gpu === null) return trial;
  if (trial.usable) return { ...trial, adapter: trial.adapter ?? (trial.provider === "cuda" ? nvidia(gpu.cards) : null) };
  const unmet = stepsOf(gpu, trial.provider).filter(({ met }) => !met);
  const [cause] = [...unmet].sort((a, b) => MET_IN.indexOf(a.subject) - MET_IN.indexOf(b.subject));
  if (cause === undefined) return trial;
  return { ...trial, reason: `${cause.found} (ONNX Runtime: ${trial.reason ?? ""})`, remedy: obstacle(unmet)?.advice ?? trial.remedy };
};
