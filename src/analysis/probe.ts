import { readdir, readFile, readlink } from "node:fs/promises";
import { withCode } from "../core/library-failure.ts";
import { float32 } from "../core/tensor.ts";
import { driverInUse } from "../gpu-setup/vulkan.ts";
import { writeModel } from "../onnx/write.ts";
import { PROBE_ARGUMENT, type ProbeAnswer } from "../runtime/provider-trial.ts";
import type { Adapter, ProviderName } from "../runtime/session.ts";

/** y = x·w with w = (1, 2, 3)ᵀ: the smallest graph whose answer shows that a kernel ran. */
const tinyModel = (): Uint8Array =>
  writeModel({
    name: "probe",
    nodes: [{ op: "MatMul", domain: "", name: "product", inputs: ["x", "w"], outputs: ["y"], attributes: {} }],
    inputs: [{ name: "x", dtype: "float32", shape: [1, 3] }, { name: "w", dtype: "float32", shape: [3, 1] }],
    outputs: [{ name: "y", dtype: "float32", shape: [1, 1] }],
    initializers: new Map(),
  }, new Map([["", 17]]));

/** What WebGPU computes with, by what this process has mapped and opened; null where the system does not say. */
const adapterInUse = async (provider: ProviderName): Promise<Adapter | null> => {
  if (provider !== "webgpu" || process.platform !== "linux") return null;
  const maps = await readFile("/proc/self/maps", "utf8");
  const opened = await Promise.all((await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return driverInUse(maps, opened);
};

/** What a probe that went well found. */
export interface Probed {
  /** Version of ONNX Runtime. */
  readonly onnxruntime: string;
  readonly adapter: Adapter | null;
}

/**
 * Creates a session on one provider and runs a product of two vectors on it. Run it in a process of its own: a provider that cannot be used
 * may end the process, and says why on its standard error only.
 * @throws LensError RUNTIME_LOAD, RUNTIME_RUN; Error when the answer is wrong, or when another provider gave it.
 */
export const probeProvider = async (provider: ProviderName, deviceId?: number): Promise<Probed> => {
  // Loaded here, where a library that cannot be is an answer like any other.
  const { openRuntime } = await import("../runtime/ort.ts");
  const runtime = openRuntime(provider, 0, deviceId === undefined ? {} : { deviceId });
  const session = await runtime.load(tinyModel());
  const { y } = await session.run({ x: float32([1, 3], [1, 1, 2]), w: float32([3, 1], [1, 2, 3]) });
  const adapter = await adapterInUse(provider);
  await session.dispose();
  if (Number(y?.data[0]) !== 9) throw new Error(`the provider ran, but 1·1 + 1·2 + 2·3 came out as ${String(y?.data[0])}`);
  if (provider !== "cpu" && runtime.proof().fallback.count > 0) throw new Error("the provider was loaded, but the CPU computed the product");
  return { onnxruntime: runtime.version, adapter };
};

/** Tries one provider and prints how that went, for `tryProvider` at the other end. Never rejects. */
export const answerProbe = async (provider: string, deviceId?: string): Promise<void> => {
  let answer: ProbeAnswer;
  try {
    answer = { usable: true, ...(await probeProvider(provider as ProviderName, deviceId === undefined ? undefined : Number(deviceId))) };
  } catch (error) {
    // ONNX Runtime's own words, without what our error says around them.
    const origin = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    answer = { usable: false, reason: withCode(origin).replace(/\s+/g, " ").trim() };
  }
  process.stdout.write(`${PROBE_ARGUMENT} ${JSON.stringify(answer)}\n`);
};
