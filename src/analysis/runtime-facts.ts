import type { FilledRequest } from "./defaults.ts";
import { deviceUse } from "./device-use.ts";
import type { OpenNetwork } from "./open-network.ts";
import type { AnalysisResult } from "./result.ts";

/** Whether CUDA rounds products to TensorFloat-32; it does unless the environment forbade it before CUDA was loaded. No other provider does. */
const usesTf32 = (provider: string): boolean => provider === "cuda" && process.env.NVIDIA_TF32_OVERRIDE !== "0";

/** What ran where, for the result; the precision is that of its figures, which a refinement computed again in float64 on the CPU. */
export const runtimeFacts = (open: OpenNetwork, request: FilledRequest, refined: boolean): AnalysisResult["runtime"] => {
  const { runtime, chosen } = open;
  const { provider, version } = runtime;
  const { nodes, copies, fallback, host } = runtime.proof();
  const apart = provider !== "cpu";
  return {
    provider, adapter: chosen.adapter, nodes, copies: apart ? copies : null, fallback: apart ? fallback : null, tf32: usesTf32(provider),
    host: apart && refined ? [...host, "the refinement in float64"] : host,
    memory: deviceUse(open, request), refused: chosen.refused, precision: refined ? "double" : open.precision, onnxruntime: version,
  };
};
