import { type Random, random } from "../../src/core/random.ts";
import { sizeOf } from "../../src/core/tensor.ts";
import type { Model } from "../../src/onnx/graph.ts";
import { ModelMaker } from "../unit/jacobian/models.ts";

/** A value in the making: its name, and its shape without the samples. */
interface Made { readonly name: string; readonly shape: readonly number[] }

interface Site {
  readonly m: ModelMaker;
  readonly draw: Random;
  readonly x: Made;
  /** All values made so far. */
  readonly known: readonly Made[];
  readonly weight: (shape: readonly number[], scale?: number) => string;
  readonly ints: (values: readonly number[]) => string;
}

/** One random step; undefined where it does not fit the shape. */
type Move = (site: Site) => Made | undefined;

const UNARY = ["Tanh", "Sigmoid", "Softplus", "Erf", "Sin", "Cos", "Atan", "Softsign", "Mish", "Relu", "LeakyRelu", "Elu", "Selu", "HardSwish", "HardSigmoid", "Abs", "Gelu", "Celu", "Neg"] as const;

const pick = <T>(draw: Random, list: readonly T[]): T => list[draw.integer(list.length)]!;
const last = (shape: readonly number[]): number => shape.at(-1) ?? 1;

const unary: Move = ({ m, draw, x }) => ({ name: m.call(pick(draw, UNARY), [x.name]), shape: x.shape });

const dense: Move = ({ m, draw, x, weight }) => {
  const out = 2 + draw.integer(3);
  const product = m.call("MatMul", [x.name, weight([last(x.shape), out], 1 / Math.sqrt(last(x.shape)))]);
  return { name: draw.uniform() < 0.5 ? m.call("Add", [product, weight([out])]) : product, shape: [...x.shape.slice(0, -1), out] };
};

/** The product of two small weights, or a scaled one, used as one. */
const composed: Move = ({ m, draw, x, weight }) => {
  const width = last(x.shape);
  const w = draw.uniform() < 0.5 ? m.call("MatMul", [weight([width, 2], 0.5), weight([2, 3], 0.7)]) : m.call("Mul", [weight([width, 3], 0.5), m.call("Exp", [weight([3], 0.3)])]);
  return { name: m.call("MatMul", [x.name, w]), shape: [...x.shape.slice(0, -1), 3] };
};

const merged: Move = ({ m, x, weight, ints }) => {
  if (x.shape.length !== 2) return undefined;
  const [t = 1, d = 1] = x.shape;
  const flat = m.call("MatMul", [m.call("Reshape", [x.name, ints([-1, d])]), weight([d, 3], 1 / Math.sqrt(d))]);
  return { name: m.call("Reshape", [flat, ints([-1, t, 3])]), shape: [t, 3] };
};

const affine: Move = ({ m, draw, x, weight }) => ({ name: m.call(pick(draw, ["Mul", "Add", "Sub", "Max", "Min"]), [x.name, weight([last(x.shape)], 1)]), shape: x.shape });

const norm: Move = ({ m, draw, x, weight }) => {
  if (last(x.shape) < 2) return undefined;
  if (draw.uniform() < 0.3) return { name: m.call("Softmax", [x.name], { axis: -1 }), shape: x.shape };
  return { name: m.call("LayerNormalization", [x.name, weight([last(x.shape)], 1), weight([last(x.shape)], 0.3)], { epsilon: { float: 0.1 } }), shape: x.shape };
};

const joined: Move = ({ m, draw, x, known }) => {
  const others = known.filter((k) => k.shape.join() === x.shape.join());
  const other = pick(draw, others);
  const op = pick(draw, ["Add", "Mul", "Sub", "Max", "Concat"] as const);
  return op === "Concat" ? { name: m.call("Concat", [x.name, other.name], { axis: -1 }), shape: [...x.shape.slice(0, -1), 2 * last(x.shape)] } : { name: m.call(op, [x.name, other.name]), shape: x.shape };
};

const exchanged: Move = ({ m, x }) => {
  if (x.shape.length < 2) return undefined;
  const perm = [0, ...x.shape.map((_, i) => i + 1).reverse()];
  return { name: m.call("Transpose", [x.name], { perm }), shape: [...x.shape].reverse() };
};

const cut: Move = ({ m, draw, x, ints }) => {
  const axis = draw.integer(x.shape.length);
  const size = x.shape[axis] ?? 1;
  if (size < 3) return undefined;
  const step = pick(draw, [1, 2, -1]);
  const [start, end] = step > 0 ? [draw.integer(2), size] : [size - 1, 0];
  const kept = Math.ceil(Math.abs(end - start) / Math.abs(step));
  return { name: m.call("Slice", [x.name, ints([start]), ints([end]), ints([axis + 1]), ints([step])]), shape: x.shape.map((d, i) => (i === axis ? kept : d)) };
};

const attention: Move = ({ m, x }) => {
  if (x.shape.length !== 2) return undefined;
  const scores = m.call("MatMul", [x.name, m.call("Transpose", [x.name], { perm: [0, 2, 1] })]);
  return { name: m.call("MatMul", [m.call("Softmax", [scores], { axis: -1 }), x.name]), shape: x.shape };
};

const reduced: Move = ({ m, draw, x, ints }) => {
  if (x.shape.length < 2) return undefined;
  const axis = 1 + draw.integer(x.shape.length);
  const op = pick(draw, ["ReduceMean", "ReduceMax", "ReduceSum", "ReduceLogSumExp", "ReduceL2"] as const);
  return { name: m.call(op, [x.name, ints([axis])], { keepdims: 0 }), shape: x.shape.filter((_, i) => i !== axis - 1) };
};

const convolved: Move = ({ m, draw, x, weight }) => {
  if (x.shape.length !== 3 || (x.shape[1] ?? 0) < 3 || (x.shape[2] ?? 0) < 3) return undefined;
  const [c = 1, h = 1, w = 1] = x.shape;
  const group = pick(draw, [1, c]);
  const stride = pick(draw, [1, 2]);
  const out = group === 1 ? 3 : c;
  const y = m.call("Conv", [x.name, weight([out, c / group, 3, 3], 0.4), ...(draw.uniform() < 0.5 ? [weight([out])] : [])], { group, strides: [stride, stride], pads: [1, 1, 1, 1] });
  return { name: y, shape: [out, Math.floor((h - 1) / stride) + 1, Math.floor((w - 1) / stride) + 1] };
};

const upward: Move = ({ m, x, weight }) => {
  if (x.shape.length !== 3 || sizeOf(x.shape) > 60) return undefined;
  const [c = 1, h = 1, w = 1] = x.shape;
  return { name: m.call("ConvTranspose", [x.name, weight([c, 2, 2, 2], 0.5)], { strides: [2, 2] }), shape: [2, 2 * h, 2 * w] };
};

const pooled: Move = ({ m, draw, x }) => {
  if (x.shape.length !== 3 || (x.shape[1] ?? 0) < 2 || (x.shape[2] ?? 0) < 2) return undefined;
  const [c = 1, h = 1, w = 1] = x.shape;
  return { name: m.call(pick(draw, ["MaxPool", "AveragePool"]), [x.name], { kernel_shape: [2, 2], strides: [1, 1] }), shape: [c, h - 1, w - 1] };
};

const instance: Move = ({ m, x, weight }) => (x.shape.length === 3 && (x.shape[1] ?? 0) * (x.shape[2] ?? 0) > 3 ? { name: m.call("InstanceNormalization", [x.name, weight([x.shape[0] ?? 1], 1), weight([x.shape[0] ?? 1], 0.3)], { epsilon: { float: 0.1 } }), shape: x.shape } : undefined);

const MOVES: readonly Move[] = [unary, unary, unary, dense, dense, dense, composed, merged, affine, affine, norm, joined, joined, exchanged, cut, attention, reduced, convolved, convolved, upward, pooled, instance];

const STARTS: readonly (readonly number[])[] = [[5], [4, 3], [2, 5, 5], [3, 4, 4]];

export interface RandomModel { readonly model: Model; readonly input: readonly number[] }

/** A random composition of 3 to 9 steps on a random input, ending in K = 1 … 3 outputs a sample. The same seed gives the same model. */
export const randomModel = (seed: number): RandomModel => {
  const draw = random(seed, "composition");
  const input = pick(draw, STARTS);
  const m = new ModelMaker(seed, input, 21);
  let count = 0;
  const weight = (shape: readonly number[], scale = 0.5): string => m.weight(`w${count++}`, shape, scale);
  const ints = (values: readonly number[]): string => m.ints(`i${count++}`, values);
  let x: Made = { name: "x", shape: input };
  const known: Made[] = [x];
  const steps = 3 + draw.integer(7);
  for (let i = 0; i < steps;) {
    const next = pick(draw, MOVES)({ m, draw, x, known, weight, ints });
    if (!next || sizeOf(next.shape) > 200) continue;
    known.push((x = next));
    i++;
  }
  const width = sizeOf(x.shape);
  const flat = m.call("Reshape", [x.name, ints([-1, width])]);
  return { model: m.finish(m.call("MatMul", [flat, weight([width, 1 + draw.integer(3)], 1 / Math.sqrt(width))])), input };
};
