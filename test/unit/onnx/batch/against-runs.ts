import type { Tensor } from "../../../../src/core/tensor.ts";
import { openBatchTracer } from "../../../../src/onnx/batch/tracer.ts";
import type { Executor } from "../../../../src/onnx/executor.ts";
import type { Model } from "../../../../src/onnx/graph.ts";
import { openTracer, type Trace } from "../../../../src/onnx/trace.ts";
import { executor } from "../small-model.ts";

/** A model with its data: rows of the one input. */
export interface Traced {
  readonly model: Model;
  readonly parameters: readonly string[];
  readonly rows: (from: number, count: number) => Tensor;
}

/** Batch sizes that are told from small ones where that is possible. */
export const LARGE = [7, 16, 33] as const;

/** The engine, noting the batch sizes that the input was run with. */
const noting = (input: string, ran: number[]): Executor => ({
  capabilities: executor.capabilities,
  async load(model, options) {
    const session = await executor.load(model, options);
    return {
      outputTypes: session.outputTypes,
      run(feeds, fetches) {
        const batch = feeds[input]?.shape[0];
        if (batch !== undefined) ran.push(batch);
        return session.run(feeds, fetches);
      },
      dispose: () => session.dispose(),
    };
  },
});

const inWords = (value: { readonly shape: readonly number[]; readonly dtype: string; readonly constant?: Tensor } | undefined): string =>
  value ? `${value.dtype}[${value.shape.join()}]${value.constant ? ` ${value.constant.dtype}[${value.constant.shape.join()}] = ${Array.from(value.constant.data as ArrayLike<number | bigint>).join()}` : ""}` : "nothing";

/** Values that two traces of a model disagree on, and nodes that only one of them has. */
export const disagreements = (given: Trace, real: Trace): string[] => [
  ...[...new Set([...given.values.keys(), ...real.values.keys()])].flatMap((name) => {
    const [a, b] = [inWords(given.values.get(name)), inWords(real.values.get(name))];
    return a === b ? [] : [`${name}: ${a} instead of ${b}`];
  }),
  ...(given.nodes.map((n) => n.outputs.join()).join(";") === real.nodes.map((n) => n.outputs.join()).join(";") ? [] : ["the nodes"]),
];

export interface Outcome {
  /** What the traces say otherwise than a run of that batch. */
  readonly wrong: readonly string[];
  /** The batch sizes that were told without a run of theirs. */
  readonly told: readonly number[];
}

/** Traces of a model at `sizes`, each held against one run of that batch by a tracer of its own. */
export const againstRuns = async ({ model, parameters, rows }: Traced, sizes: readonly number[] = LARGE): Promise<Outcome> => {
  const input = model.graph.inputs[0]?.name ?? "";
  const feedsAt = (batch: number): Record<string, Tensor> => ({ [input]: rows(0, batch) });
  const ran: number[] = [];
  const traces = await openBatchTracer(noting(input, ran), model, new Set(parameters), feedsAt);
  const tracer = await openTracer(executor, model, new Set(parameters));
  try {
    const wrong: string[] = [];
    for (const batch of sizes) wrong.push(...disagreements(await traces.at(batch), await tracer.trace(feedsAt(batch))).map((what) => `${batch} samples: ${what}`));
    return { wrong, told: sizes.filter((batch) => !ran.includes(batch)) };
  } finally {
    await traces.dispose();
    await tracer.dispose();
  }
};
