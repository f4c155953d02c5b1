import { random } from "../../src/core/random.ts";
import { type Tensor, float32, sizeOf } from "../../src/core/tensor.ts";
import { materialise } from "../../src/autodiff/factor.ts";
import { perSample } from "../../src/autodiff/per-sample.ts";
import { vjp } from "../../src/autodiff/reverse.ts";
import { prepare } from "../../src/jacobian/network.ts";
import { emit, outputName } from "../../src/onnx/emit.ts";
import type { Value } from "../../src/onnx/value.ts";
import { type RuleCase, contents, modelOf, variablesOf } from "./case.ts";
import { executor } from "./check.ts";
import { flat, largest, plus } from "./numbers.ts";

/** What the per-sample gradients of a case came to. */
export interface PerSampleOutcome {
  /** Parameters with a factor, and the largest relative error of each against one sample at a time. */
  readonly errors: Readonly<Record<string, number>>;
  /** Parameters whose use has no per-sample structure. */
  readonly unstructured: readonly string[];
}

/** Rows of a tensor as batches; past the end they repeat. */
export const rowsOf = (tensor: Tensor) => (from: number, count: number): Tensor => {
  const rows = tensor.shape[0] ?? 1;
  const width = sizeOf(tensor.shape) / rows;
  const data = new Float32Array(count * width);
  for (let i = 0; i < count; i++) data.set((tensor.data as Float32Array).subarray(((from + i) % rows) * width, (((from + i) % rows) + 1) * width), i * width);
  return float32([count, ...tensor.shape.slice(1)], data);
};

/**
 * Per-sample gradients by factor against vjp with the cotangent of one sample at a time. The first operand of the case holds the samples.
 */
export const checkPerSample = async (test: RuleCase, seed: number): Promise<PerSampleOutcome> => {
  const content = contents(test, seed);
  const [data, ...parameters] = variablesOf(test);
  const all = data === undefined ? undefined : content[data];
  if (data === undefined || !all) throw new Error("a case with samples has a variable");
  const samples = all.shape[0] ?? 1;
  const network = await prepare(executor, modelOf(test, content, [data]), parameters, rowsOf(all), samples);
  const { builder: g, inputs, parameters: weights } = network.lowered;
  const { steps } = network.lowered.program;
  const { output } = network;
  const cotangent = g.input("u", output.dtype, output.shape);
  const { factors, unstructured } = perSample(g, { steps, output, cotangent, inputs, parameters: weights, samples, axisOf: network.axisOf });
  const rows = factors.map(({ factor }) => materialise(factor, g));
  const sums = vjp(g, steps, new Map([[output, cotangent]]), weights);
  const fetched = [...new Map([...rows, ...sums.flatMap((s) => s ?? [])].map((value) => [value.name, value])).values()];
  const program = g.finish(fetched);
  const session = await executor.load(emit(program, fetched), { optimise: "none" });
  const u = random(seed, "cotangent").normals(sizeOf(output.shape));
  const run = (only?: number) => {
    const width = u.length / samples;
    const seen = u.map((value, i) => (only === undefined || Math.floor(i / width) === only ? value : 0));
    const feeds: Record<string, Tensor> = { ...content, u: float32(output.shape, Float32Array.from(seen)) };
    return session.run(Object.fromEntries(session.inputs.map((name) => [name, feeds[name] ?? all])));
  };
  const read = (results: Record<string, Tensor>, value: Value | undefined): Float64Array => flat(value ? [results[outputName(program, value)] ?? float32([0], [])] : []);
  try {
    const together = await run();
    const worst = factors.map(() => 0);
    for (let i = 0; i < samples; i++) {
      const alone = await run(i);
      factors.forEach(({ parameter }, at) => {
        const mine = read(together, rows[at]).subarray(i * sizeOf(parameter.shape), (i + 1) * sizeOf(parameter.shape));
        const exact = read(alone, sums[weights.indexOf(parameter)]);
        if (mine.length !== exact.length) throw new Error(`per-sample gradient of ${parameter.name} has ${mine.length} entries, not ${exact.length}`);
        worst[at] = Math.max(worst[at] ?? 0, largest(plus(exact, -1, mine)) / Math.max(largest(exact), 1e-6));
      });
    }
    return { errors: Object.fromEntries(factors.map(({ parameter }, at) => [parameter.name, worst[at] ?? Number.NaN])), unstructured: unstructured.map(({ parameter }) => parameter.name) };
  } finally {
    await session.dispose();
  }
};
