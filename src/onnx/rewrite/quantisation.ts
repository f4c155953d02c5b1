import { float32, sizeOf, type Tensor } from "../../core/tensor.ts";
import { LensError } from "../../core/errors.ts";
import { type Graph, type Initializer, type Node, describe, intAttribute } from "../graph.ts";
import { normaliseAxis } from "../value.ts";

/** What a QuantizeLinear or DequantizeLinear node uses: x, scale, and the zero point where there is one, all stored. */
export interface Quantised {
  readonly node: Node;
  readonly x: Initializer;
  readonly scale: Initializer;
  readonly zero: Initializer | undefined;
}

/** The stored operands of a node, or undefined where one of them is computed. */
export const storedOperands = (node: Node, initializers: Graph["initializers"], x: Initializer | undefined): Quantised | undefined => {
  const scale = initializers.get(node.inputs[1] ?? "");
  const zero = initializers.get(node.inputs[2] ?? "");
  if (!x || !scale || ((node.inputs[2] ?? "") !== "" && !zero)) return undefined;
  return { node, x, scale, zero };
};

/**
 * Which entry of the scale belongs to each entry of x: one for all, one for each place along an axis, or one for each block along it.
 * @source ONNX operators, DequantizeLinear 21.
 */
const scaleIndex = ({ node, x, scale }: Quantised): ((entry: number) => number) => {
  const count = sizeOf(scale.shape);
  if (count === 1) return () => 0;
  const axis = x.shape.length === 1 ? 0 : normaliseAxis(intAttribute(node, "axis", 1), x.shape.length);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const length = x.shape[axis] ?? 1;
  const block = intAttribute(node, "block_size", 0);
  if (block > 0) {
    const blocks = Math.ceil(length / block);
    return (entry) => (Math.floor(entry / (inner * length)) * blocks + Math.floor((Math.floor(entry / inner) % length) / block)) * inner + (entry % inner);
  }
  if (count !== length) throw new LensError("MODEL_NODE", `${describe(node)} has ${count} scales for an axis of ${length}.`, "Check the model with onnx.checker, and export it again.");
  return (entry) => Math.floor(entry / inner) % length;
};

const numberAt = (tensor: Tensor | undefined, index: number): number => Number(tensor?.data[tensor.data.length === 1 ? 0 : index] ?? 0);

/** (x − zero)·scale in float32. Cost: one pass. @throws LensError MODEL_NODE where scale and x do not fit. */
export const dequantised = (q: Quantised): Tensor => {
  const index = scaleIndex(q);
  const [x, scale, zero] = [q.x.load(), q.scale.load(), q.zero?.load()];
  const out = new Float32Array(sizeOf(q.x.shape));
  for (let i = 0; i < out.length; i++) {
    const s = index(i);
    out[i] = (Number(x.data[i]) - numberAt(zero, s)) * numberAt(scale, s);
  }
  return float32(q.x.shape, out);
};

/** Smallest and largest value of the type of a zero point; uint8 where there is none. Null for a type that integers are not rounded to. */
export const rangeOf = (zero: Initializer | undefined): readonly [number, number] | null => {
  switch (zero?.dtype ?? "uint8") {
    case "uint8": return [0, 255];
    case "int8": return [-128, 127];
    case "uint16": return [0, 65535];
    case "int16": return [-32768, 32767];
    default: return null;
  }
};

/** Rounds half to even, as ONNX does. */
const roundEven = (x: number): number => {
  const low = Math.floor(x);
  const rest = x - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
};

/** The integers that a float tensor is stored as, held as float32 (they are small enough to be exact). */
export const quantised = (q: Quantised): Tensor => {
  const [lowest, highest] = rangeOf(q.zero) ?? [0, 255];
  const index = scaleIndex(q);
  const [x, scale, zero] = [q.x.load(), q.scale.load(), q.zero?.load()];
  const out = new Float32Array(sizeOf(q.x.shape));
  for (let i = 0; i < out.length; i++) {
    const s = index(i);
    out[i] = Math.min(highest, Math.max(lowest, roundEven(Number(x.data[i]) / numberAt(scale, s)) + numberAt(zero, s)));
  }
  return float32(q.x.shape, out);
};
