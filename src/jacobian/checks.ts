import type { Random } from "../core/random.ts";
import { sizeOf, type Tensor } from "../core/tensor.ts";
import type { SampleAxis } from "../autodiff/factor.ts";
import type { Executor } from "../onnx/trace.ts";
import { norm } from "../linalg/norm.ts";
import { compile } from "./compiled.ts";
import type { Batches, Network } from "./network.ts";
import type { Products, Samples } from "./products.ts";

/** One check made at run time. */
export interface CheckOutcome {
  readonly error: number;
  readonly tolerance: number;
  readonly passed: boolean;
}

/** An error within its tolerance or not. */
export const outcome = (error: number, tolerance: number): CheckOutcome => ({ error, tolerance, passed: error <= tolerance });

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

type Weights = Readonly<Record<string, Tensor>>;

/** A random direction in parameter space, one array per parameter. */
const randomDirection = ({ lowered }: Network, draws: Random): Float64Array[] => lowered.parameters.map((p) => draws.normals(sizeOf(p.shape)));

/**
 * |⟨Jv, u⟩ − ⟨v, Jᵀu⟩|/(‖Jv‖‖u‖) for random v and u: forward and reverse mode describe the same Jacobian. THEORY §9.
 * float32 products agree to about 1e-6 times the root of the depth.
 */
export const adjointCheck = async (products: Products, weights: Weights, data: Samples, draws: Random): Promise<CheckOutcome> => {
  const v = randomDirection(products.network, draws);
  const u = draws.normals(data.samples * products.network.outputs);
  const jv = await products.jvp(weights, data, v);
  const jtu = await products.vjp(weights, data, u);
  const left = dot(jv, u);
  const right = v.reduce((sum, part, i) => sum + dot(part, jtu[i] ?? new Float64Array(0)), 0);
  const scale = norm([jv]) * norm([u]);
  return outcome(scale === 0 ? 0 : Math.abs(left - right) / scale, 1e-4);
};

/**
 * |uᵀGu − ‖Jᵀw‖²|/‖Jᵀw‖² for a random u and w = `cotangentOf(u)` (u itself for the plain Jacobian, L·u for J̃ = LᵀJ): the Gram matrix is that of
 * the Jacobian whose products these are. Cost: one reverse run and (nK)².
 */
export const gramCheck = async (products: Products, weights: Weights, data: Samples, matrix: Float64Array, draws: Random, cotangentOf: (u: Float64Array) => Float64Array = (u) => u): Promise<CheckOutcome> => {
  const size = data.samples * products.network.outputs;
  const u = draws.normals(size);
  const jtu = await products.vjp(weights, data, cotangentOf(u));
  let quadratic = 0;
  for (let i = 0; i < size; i++) {
    let row = 0;
    for (let j = 0; j < size; j++) row += (matrix[i * size + j] ?? 0) * (u[j] ?? 0);
    quadratic += row * (u[i] ?? 0);
  }
  const squared = norm(jtu) ** 2;
  return outcome(squared === 0 ? Math.abs(quadratic) : Math.abs(quadratic - squared) / squared, 1e-4);
};

/**
 * Largest change of the other samples' outputs when the first sample of a batch is exchanged for another, relative to the largest output:
 * zero (to rounding) when samples do not mix. A batch of one sample cannot mix.
 */
export const independenceCheck = async (products: Products, weights: Weights, { batches, samples }: Samples): Promise<CheckOutcome> => {
  const { batch, outputs: classes } = products.network;
  if (batch < 2) return outcome(0, 1e-5);
  const { before, after } = exchanged(batches, batch, samples);
  const one = await products.outputs(weights, { batches: () => before, samples: batch });
  const two = await products.outputs(weights, { batches: () => after, samples: batch });
  const largest = one.reduce((m, value) => Math.max(m, Math.abs(value)), 1e-300);
  let error = 0;
  for (let i = classes; i < one.length; i++) error = Math.max(error, Math.abs((one[i] ?? 0) - (two[i] ?? 0)) / largest);
  return outcome(error, 1e-5);
};

/** A batch, and the same with its first sample replaced by its second (or by twice itself where there is only one). */
const exchanged = (batches: Batches, batch: number, samples: number): { readonly before: Tensor; readonly after: Tensor } => {
  const before = batches(0, batch);
  const width = sizeOf(before.shape) / batch;
  const data = before.data.slice();
  for (let e = 0; e < width; e++) {
    const own = before.data[e] ?? 0;
    data[e] = samples > 1 ? (before.data[width + e] ?? own) : typeof own === "bigint" ? own : 2 * own;
  }
  return { before, after: { ...before, data } as Tensor };
};

/** Whether samples other than the first differ between two values of one step; `rows` is how many entries lie before and between them. */
const othersDiffer = (a: Tensor, b: Tensor, where: SampleAxis | undefined): boolean => {
  const [size, per] = where ? [a.shape[where.axis] ?? 1, where.inner] : [1, 1];
  const samples = size / (where ? where.outer * where.inner : 1);
  const inner = where ? sizeOf(a.shape.slice(where.axis + 1)) : sizeOf(a.shape);
  const scale = (a.data as Float32Array).reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-300);
  for (let i = 0; i < a.data.length; i++) {
    if (where && Math.floor((Math.floor(i / inner) % size) / per) % samples === 0) continue;
    if (Math.abs(Number(a.data[i]) - Number(b.data[i])) > 1e-5 * scale) return true;
  }
  return false;
};

/** The first node whose result for the other samples changes when the first sample of a batch is exchanged, in words; null if none does. */
export const mixingNode = async (executor: Executor, network: Network, weights: Weights, { batches, samples }: Samples): Promise<string | null> => {
  const { lowered, axisOf, batch } = network;
  const [input] = lowered.inputs;
  const candidates = lowered.program.steps.flatMap((step) => step.outputs.filter((o) => o.dtype === "float32" || o.dtype === "float64").map((output) => ({ step, output })));
  const compiled = await compile(executor, { inputs: lowered.program.inputs, steps: lowered.program.steps, outputs: candidates.map((c) => c.output) });
  try {
    const { before, after } = exchanged(batches, batch, samples);
    const one = await compiled.run({ ...weights, ...(input ? { [input.name]: before } : {}) });
    const two = await compiled.run({ ...weights, ...(input ? { [input.name]: after } : {}) });
    for (const { step, output } of candidates) {
      const [a, b] = [one.get(output.name), two.get(output.name)];
      if (a && b && othersDiffer(a, b, axisOf(output))) return `node "${step.name}" (${step.op})`;
    }
    return null;
  } finally {
    await compiled.dispose();
  }
};
