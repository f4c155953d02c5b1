import { float32 } from "../core/tensor.ts";
import { writeModel } from "../onnx/write.ts";
import { openRuntime } from "../runtime/ort.ts";
import type { ProviderName } from "../runtime/session.ts";

/** y = x·w with w = (1, 2, 3)ᵀ: the smallest graph whose answer shows that a kernel ran. */
const tinyModel = (): Uint8Array =>
  writeModel({
    name: "probe",
    nodes: [{ op: "MatMul", domain: "", name: "product", inputs: ["x", "w"], outputs: ["y"], attributes: {} }],
    inputs: [{ name: "x", dtype: "float32", shape: [1, 3] }, { name: "w", dtype: "float32", shape: [3, 1] }],
    outputs: [{ name: "y", dtype: "float32", shape: [1, 1] }],
    initializers: new Map(),
  }, new Map([["", 17]]));

/**
 * Creates a session on one provider and runs a product of two vectors on it. Run it in a process of its own: a provider that cannot be used
 * may end the process, and says why on its standard error only.
 * Returns the version of ONNX Runtime. @throws LensError RUNTIME_LOAD, RUNTIME_RUN; Error when the answer is wrong.
 */
export const probeProvider = async (provider: ProviderName): Promise<string> => {
  const runtime = openRuntime(provider);
  const session = await runtime.load(tinyModel());
  const { y } = await session.run({ x: float32([1, 3], [1, 1, 2]), w: float32([3, 1], [1, 2, 3]) });
  await session.dispose();
  if (Number(y?.data[0]) !== 9) throw new Error(`the provider ran, but 1·1 + 1·2 + 2·3 came out as ${String(y?.data[0])}`);
  return runtime.version;
};
