import type { Tensor } from "../../../src/core/tensor.ts";
import { capabilitiesOf } from "../../../src/runtime/capabilities.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import type { ProviderName, Runtime, Session } from "../../../src/runtime/session.ts";
import type { RuntimeSource } from "../../../src/analysis/choose-runtime.ts";

/** What a device that is not there does to the results of its graphs; it may throw instead. `run` counts the runs of all its graphs, from 0. */
export type Mischief = (results: Record<string, Tensor>, feeds: Readonly<Record<string, Tensor>>, run: number) => Record<string, Tensor>;

/**
 * A runtime that says it is `provider` and computes on the CPU; what is placed on the device goes through `mischief`. Graphs for the host do
 * not, as on a real one.
 */
export const fakeDevice = (provider: ProviderName, mischief: Mischief): Runtime => {
  const cpu = openRuntime("cpu", 1);
  let runs = 0;
  return {
    provider,
    version: cpu.version,
    threads: cpu.threads,
    capabilities: capabilitiesOf(provider),
    proof: () => cpu.proof(),
    async load(model, options): Promise<Session> {
      const session = await cpu.load(model, options);
      if (options?.place === "host") return session;
      return {
        inputs: session.inputs, outputs: session.outputs, outputTypes: session.outputTypes,
        run: async (feeds, fetches) => mischief(await session.run(feeds, fetches), feeds, runs++),
        dispose: () => session.dispose(),
      };
    },
  };
};

/** As `auto`: the fake device first, the CPU after it failed. By name: the fake device only. */
export const fakeFirst = (device: () => Runtime): RuntimeSource => (request, { without }) => {
  const failed = without.length > 0 && request.provider === "auto";
  return Promise.resolve({ runtime: failed ? openRuntime("cpu", 1) : device(), adapter: null, refused: failed ? without : [] });
};
