import type { FilledRequest } from "./defaults.ts";
import { deviceUse } from "./device-use.ts";
import type { OpenNetwork } from "./open-network.ts";
import type { AnalysisResult } from "./result.ts";

/** Whether CUDA rounds products to TensorFloat-32; it does unless the environment forbade it before CUDA was loaded. No other provider does. */
const usesTf32 = (provider: string): boolean => provider === "cuda" && process.env.NVIDIA_TF32_OVERRIDE !== "0";

/** What ran where, for the result. */
export const runtimeFacts = (open: OpenNetwork, request: FilledRequest): AnalysisResult["runtime"] => {
  const { runtime, chosen, precision } = open;
  const { provider, version } = runtime;
  const { nodes, copies, fallback, host } = runtime.proof();
  const apart = provider !== "cpu";
  return {
    provider, adapter: chosen.adapter, nodes, copies: apart ? copies : null, fallback: apart ? fallback : null, host, tf32: usesTf32(provider),
    memory: deviceUse(open, request), refused: chosen.refused, precision, onnxruntime: version,
  };
};
