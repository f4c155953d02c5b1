import type { RuntimeSource } from "../../../../src/analysis/choose-runtime.ts";
import { openRuntime } from "../../../../src/runtime/ort.ts";

/** Engines of the CPU that note every graph they load; whether one runs derivatives is told by the names of its values. */
export const counting = (): { readonly runtimes: RuntimeSource; readonly loads: () => number; readonly derivatives: () => number; readonly reset: () => void } => {
  const seen: boolean[] = [];
  const runtimes: RuntimeSource = () => {
    const runtime = openRuntime("cpu", 1);
    const load: typeof runtime.load = (model, options) => {
      seen.push(Buffer.from(model).includes("tangent"));
      return runtime.load(model, options);
    };
    return Promise.resolve({ runtime: { provider: runtime.provider, version: runtime.version, threads: runtime.threads, capabilities: runtime.capabilities, load, proof: () => runtime.proof() }, adapter: null, refused: [] });
  };
  return { runtimes, loads: () => seen.length, derivatives: () => seen.filter(Boolean).length, reset: () => { seen.length = 0; } };
};
