import type { Random } from "../core/random.ts";
import { isFloat, sizeOf, type Tensor } from "../core/tensor.ts";
import { reachedFrom } from "../autodiff/activity.ts";
import { ruleFor } from "../autodiff/rules/index.ts";
import type { Network } from "./network.ts";
import type { Products, Samples } from "./products.ts";

/** One check made at run time. */
export interface CheckOutcome {
  readonly error: number;
  readonly tolerance: number;
  readonly passed: boolean;
}

const outcome = (error: number, tolerance: number): CheckOutcome => ({ error, tolerance, passed: error <= tolerance });

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

const norm = (parts: readonly Float64Array[]): number => Math.sqrt(parts.reduce((sum, part) => sum + dot(part, part), 0));

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

/** |uᵀGu − ‖Jᵀu‖²|/‖Jᵀu‖² for a random u: the Gram matrix is that of the Jacobian whose products these are. Cost: one reverse run and (nK)². */
export const gramCheck = async (products: Products, weights: Weights, data: Samples, matrix: Float64Array, draws: Random): Promise<CheckOutcome> => {
  const size = data.samples * products.network.outputs;
  const u = draws.normals(size);
  const jtu = await products.vjp(weights, data, u);
  let quadratic = 0;
  for (let i = 0; i < size; i++) {
    let row = 0;
    for (let j = 0; j < size; j++) row += (matrix[i * size + j] ?? 0) * (u[j] ?? 0);
    quadratic += row * (u[i] ?? 0);
  }
  const squared = norm(jtu) ** 2;
  return outcome(squared === 0 ? Math.abs(quadratic) : Math.abs(quadratic - squared) / squared, 1e-4);
};

/** Whether a derivative passes through an operator with kinks (ReLU, MaxPool): the step of a finite difference is chosen by it. */
const hasKinks = ({ lowered }: Network): boolean => {
  const reached = reachedFrom(lowered.parameters, lowered.program.steps);
  return lowered.program.steps.some((step) => ruleFor(step.domain, step.op)?.kind === "piecewise" && step.outputs.some((o) => reached.has(o.name)));
};

/** θ + h·v as feeds. */
const moved = ({ lowered }: Network, weights: Weights, direction: readonly Float64Array[], step: number): Weights =>
  Object.fromEntries(lowered.parameters.flatMap((p, i) => {
    const tensor = weights[p.name];
    if (!tensor || !isFloat(tensor.dtype)) return [];
    const data = Float64Array.from(tensor.data as Float32Array, (value, e) => value + step * (direction[i]?.[e] ?? 0));
    return [[p.name, tensor.dtype === "float64" ? { dtype: "float64", shape: p.shape, data } : { dtype: "float32", shape: p.shape, data: Float32Array.from(data) }] as const];
  }));

/**
 * J·v against a central difference of the network itself along a random direction, relative to ‖Jv‖. The step is ε^{1/3}‖θ‖/‖v‖ for smooth
 * networks and ε^{1/2}‖θ‖/‖v‖ for those with kinks; halving it gives the difference's own error bar, which widens the tolerance. THEORY §9.
 */
export const finiteDifferenceCheck = async (products: Products, weights: Weights, data: Samples, draws: Random): Promise<CheckOutcome> => {
  const { network } = products;
  const v = randomDirection(network, draws);
  const size = norm(network.lowered.parameters.map((p) => Float64Array.from((weights[p.name]?.data ?? []) as ArrayLike<number>)));
  const epsilon = network.output.dtype === "float64" ? 2 ** -52 : 2 ** -23;
  const step = ((hasKinks(network) ? Math.sqrt(epsilon) : Math.cbrt(epsilon)) * Math.max(size, 1e-3)) / Math.max(norm(v), 1e-300);
  const difference = async (h: number): Promise<Float64Array> => {
    const plus = await products.outputs(moved(network, weights, v, h), data);
    const minus = await products.outputs(moved(network, weights, v, -h), data);
    return plus.map((value, i) => (value - (minus[i] ?? 0)) / (2 * h));
  };
  const exact = await products.jvp(weights, data, v);
  const full = await difference(step);
  const half = await difference(step / 2);
  const scale = Math.max(norm([exact]), 1e-300);
  const error = norm([half.map((value, i) => value - (exact[i] ?? 0))]) / scale;
  const bar = norm([half.map((value, i) => value - (full[i] ?? 0))]) / scale;
  return outcome(error, 0.01 + 2 * bar);
};

/**
 * Largest change of the other samples' outputs when the first sample of a batch is exchanged for another, relative to the largest output:
 * zero (to rounding) when samples do not mix. A batch of one sample cannot mix.
 */
export const independenceCheck = async (products: Products, weights: Weights, { batches, samples }: Samples): Promise<CheckOutcome> => {
  const { batch, outputs: classes } = products.network;
  if (batch < 2) return outcome(0, 1e-5);
  const before = batches(0, batch);
  const width = sizeOf(before.shape) / batch;
  const changed = before.data.slice();
  for (let e = 0; e < width; e++) changed[e] = samples > 1 ? (before.data[width + e] ?? changed[e] ?? 0) : (changed[e] ?? 0);
  const one = await products.outputs(weights, { batches: () => before, samples: batch });
  const two = await products.outputs(weights, { batches: () => ({ ...before, data: changed }) as Tensor, samples: batch });
  const largest = Math.max(...one.map(Math.abs), 1e-300);
  let error = 0;
  for (let i = classes; i < one.length; i++) error = Math.max(error, Math.abs((one[i] ?? 0) - (two[i] ?? 0)) / largest);
  return outcome(error, 1e-5);
};
