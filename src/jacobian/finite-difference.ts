import { reachedFrom } from "../autodiff/activity.ts";
import { ruleFor } from "../autodiff/rules/index.ts";
import { isFloat, sizeOf, type Tensor } from "../core/tensor.ts";
import { norm } from "../linalg/norm.ts";
import type { Network } from "./network.ts";
import type { Direction, Products, Samples } from "./products.ts";

/** What differences are taken of. */
export type Differenced = Pick<Products, "network" | "outputs">;

type Weights = Readonly<Record<string, Tensor>>;

/** A derivative by differences, with the error bar that halving the step gives. */
export interface Difference {
  /** [n·K] */
  readonly value: Float64Array;
  /** ‖D(h/2) − D(h)‖/‖D(h/2)‖ */
  readonly bar: number;
}

/** Whether a derivative passes through an operator with kinks (ReLU, MaxPool …): the step of a finite difference is chosen by it. */
export const hasKinks = ({ lowered }: Network): boolean => {
  const reached = reachedFrom(lowered.parameters, lowered.program.steps);
  return lowered.program.steps.some((step) => ruleFor(step.domain, step.op)?.kind === "piecewise" && step.outputs.some((o) => reached.has(o.name)));
};

/**
 * The step h for a direction v: ε^{1/3}·‖θ‖/‖v‖ for smooth networks, ε^{1/2}·‖θ‖/‖v‖ for float32 networks with kinks (they cross kinks with
 * the larger step), 1e-5·‖θ‖/‖v‖ in float64. @source THEORY §9.
 */
export const stepFor = (network: Network, weights: Weights, direction: Direction): number => {
  const size = Math.max(norm(network.lowered.parameters.map((p) => (weights[p.name]?.data ?? []) as ArrayLike<number>)), 1e-3);
  const relative = network.output.dtype === "float64" ? 1e-5 : hasKinks(network) ? Math.sqrt(2 ** -23) : Math.cbrt(2 ** -23);
  return (relative * size) / Math.max(norm(direction), 1e-300);
};

/** θ + h·v as feeds; parameters that are not differentiated stay where they are. */
const moved = ({ lowered }: Network, weights: Weights, direction: Direction, step: number): Weights => ({
  ...weights,
  ...Object.fromEntries(lowered.parameters.flatMap((p, i) => {
    const tensor = weights[p.name];
    if (!tensor || !isFloat(tensor.dtype)) return [];
    const along = direction[i];
    if (!along?.some((v) => v !== 0)) return [[p.name, tensor] as const];
    const data = Float64Array.from(tensor.data as Float32Array, (value, e) => value + step * (along[e] ?? 0));
    return [[p.name, tensor.dtype === "float64" ? { dtype: "float64", shape: p.shape, data } : { dtype: "float32", shape: p.shape, data: Float32Array.from(data) }] as const];
  })),
});

/** (f(θ + hv) − f(θ − hv))/2h. Cost: two runs of the network. */
const central = async (products: Differenced, weights: Weights, data: Samples, direction: Direction, h: number): Promise<Float64Array> => {
  const plus = await products.outputs(moved(products.network, weights, direction, h), data);
  const minus = await products.outputs(moved(products.network, weights, direction, -h), data);
  return plus.map((value, i) => (value - (minus[i] ?? 0)) / (2 * h));
};

/**
 * J·v by central differences of the network itself at half the step, with the change from the full step as error bar. Needs no derivative
 * rule. `share`: of the usual step. Cost: four runs of the network.
 */
export const differenceProduct = async (products: Differenced, weights: Weights, data: Samples, direction: Direction, share = 1): Promise<Difference> => {
  const step = share * stepFor(products.network, weights, direction);
  const full = await central(products, weights, data, direction, step);
  const half = await central(products, weights, data, direction, step / 2);
  const scale = Math.max(norm([half]), 1e-300);
  return { value: half, bar: norm([half.map((value, i) => value - (full[i] ?? 0))]) / scale };
};

/**
 * J itself by differences, one parameter entry at a time: [n·K, p] row-major, columns in the parameters' order; `bar` is the largest
 * error bar of a column relative to the largest column, `error` the root of the bars' squares, an estimate of ‖E‖_F. Cost: four runs of the network for each entry, so for small parameter groups only.
 */
export const differenceJacobian = async (products: Products, weights: Weights, data: Samples, done: (columns: number) => void): Promise<{ readonly jacobian: Float64Array; readonly bar: number; readonly error: number }> => {
  const { parameters } = products.network.lowered;
  const sizes = parameters.map((p) => sizeOf(p.shape));
  const columns = sizes.reduce((a, b) => a + b, 0);
  const rows = data.samples * products.network.outputs;
  const jacobian = new Float64Array(rows * columns);
  let column = 0;
  let largest = 0;
  let worst = 0;
  let squared = 0;
  for (const [i, size] of sizes.entries()) {
    for (let e = 0; e < size; e++) {
      const direction = sizes.map((s, j) => (j === i ? new Float64Array(s) : new Float64Array(0)));
      const own = direction[i];
      if (own) own[e] = 1;
      const { value, bar } = await differenceProduct(products, weights, data, direction);
      for (let r = 0; r < rows; r++) jacobian[r * columns + column] = value[r] ?? 0;
      const length = norm([value]);
      largest = Math.max(largest, length);
      worst = Math.max(worst, bar * length);
      squared += (bar * length) ** 2;
      column++;
      done(column);
    }
  }
  return { jacobian, bar: largest > 0 ? worst / largest : 0, error: Math.sqrt(squared) };
};
