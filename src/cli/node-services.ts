import { version } from "../../package.json";
import { LensError } from "../core/errors.ts";
import { failsToLoad, libraryRemedy, withCode } from "../core/library-failure.ts";
import type { Services } from "./services.ts";

const missing = (error: unknown): unknown => {
  const text = withCode(error);
  return failsToLoad(text) ? new LensError("RUNTIME_MISSING", `ONNX Runtime cannot be loaded on this machine (${text})`, libraryRemedy(text, process.env), { cause: error }) : error;
};

/** Native code is loaded when it is first needed, so that help, usage errors and `doctor` work where ONNX Runtime does not. */
const loaded = async <M>(load: () => Promise<M>): Promise<M> => {
  try {
    return await load();
  } catch (error) {
    throw missing(error);
  }
};

/** The real services; `entry` is the script of this program, started again to try a provider. */
export const nodeServices = (entry: string): Services => ({
  version,
  analyse: async (request, context) => (await loaded(() => import("../analysis/pipeline.ts"))).analyse(request, { ...context, entry }),
  plan: async (request, context) => (await loaded(() => import("../analysis/plan/plan-analysis.ts"))).planAnalysis(request, { ...context, entry }),
  product: async (request, context) => (await loaded(() => import("../analysis/product.ts"))).product(request, { ...context, entry }),
  listRules: async () => (await loaded(() => import("../analysis/operators.ts"))).listRules(),
  modelOperators: async (path) => (await loaded(() => import("../analysis/operators.ts"))).modelOperators(path),
  diagnose: async (providers, deviceId, signal) => {
    const doctor = await import("../analysis/doctor.ts");
    return doctor.diagnose({ entry, deviceId, signal, providers: providers ?? doctor.providersOf(process.platform) });
  },
  readArrays: async (path) => (await import("../analysis/array-files.ts")).readArrays(path),
  readVector: async (path) => (await import("../analysis/array-files.ts")).readVector(path),
  writeArray: async (path, tensor) => (await import("../analysis/array-files.ts")).writeArray(path, tensor),
  writeArrays: async (path, tensors) => (await import("../analysis/array-files.ts")).writeArrays(path, tensors),
});
