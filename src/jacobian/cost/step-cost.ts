import { sizeOf } from "../../core/tensor.ts";
import { intsAttribute } from "../../onnx/graph.ts";
import { bytesOf } from "../../onnx/program-writer.ts";
import type { Operand, Step, Value } from "../../onnx/value.ts";

/** What one step costs. A multiplication with an addition counts as two FLOPs. */
export interface StepCost {
  /** FLOPs of a matrix product or convolution; 0 for any other step. */
  readonly product: number;
  /** FLOPs of any other step: one for each entry it computes or takes in; 0 where it only moves entries. */
  readonly entries: number;
  /** Bytes that a step other than a product reads and writes; 0 for a view (Reshape and its like). */
  readonly moved: number;
}

/** Operators that give the same entries under another shape. */
const VIEWS: ReadonlySet<string> = new Set(["Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten"]);

/** Operators that copy entries from place to place. */
const MOVES: ReadonlySet<string> = new Set(["Transpose", "Slice", "Concat", "Expand", "Gather", "GatherElements", "GatherND", "ScatterElements", "ScatterND", "Pad", "Cast", "Split", "Tile", "Shape", "Trilu", "Where"]);

export const isView = (step: Step): boolean => step.domain === "" && VIEWS.has(step.op);

const sizeOfAll = (values: readonly Operand[]): number => values.reduce((sum, value) => sum + (value ? sizeOf(value.shape) : 0), 0);

const bytesOfAll = (values: readonly Operand[]): number => values.reduce((sum, value) => sum + (value ? bytesOf(value) : 0), 0);

/** The inner length of A·B: the last axis of A, or the first where a Gemm turns it. */
const innerOf = (step: Step, a: Value): number => {
  const turned = step.op === "Gemm" && step.attributes.transA?.type === "int" && step.attributes.transA.value === 1n;
  return a.shape.at(turned ? 0 : -1) ?? 1;
};

/** Entries of a filter that one output entry of a convolution (one input entry of a transposed one) meets: [·, channels of the group, …kernel]. */
const reachOf = (filter: Value): number => sizeOf(filter.shape.slice(1));

/** By operator; FusedMatMul is ONNX Runtime's own. */
const PRODUCTS: Readonly<Record<string, (step: Step, a: Value, b: Value, out: Value) => number>> = {
  MatMul: (step, a, _b, out) => 2 * sizeOf(out.shape) * innerOf(step, a),
  FusedMatMul: (step, a, _b, out) => 2 * sizeOf(out.shape) * innerOf(step, a),
  Gemm: (step, a, _b, out) => 2 * sizeOf(out.shape) * innerOf(step, a),
  Conv: (_step, _a, b, out) => 2 * sizeOf(out.shape) * reachOf(b),
  ConvTranspose: (_step, a, b) => 2 * sizeOf(a.shape) * reachOf(b),
};

/** Entries that lie in the windows of a pooling step: output entries times the kernel. */
const pooled = (step: Step, out: Value): number => sizeOf(out.shape) * sizeOf(intsAttribute(step, "kernel_shape") ?? []);

const entriesOf = (step: Step): number => {
  const [out] = step.outputs;
  if (!out || MOVES.has(step.op)) return 0;
  if (step.op === "MaxPool" || step.op === "AveragePool") return pooled(step, out);
  return Math.max(sizeOf(out.shape), step.op.startsWith("Reduce") ? sizeOfAll(step.inputs.slice(0, 1)) : 0);
};

/** The cost of one step from its shapes alone. */
export const stepCost = (step: Step): StepCost => {
  const [a, b] = step.inputs;
  const [out] = step.outputs;
  const product = PRODUCTS[step.op];
  if (product && a && b && out) return { product: product(step, a, b, out), entries: 0, moved: 0 };
  if (isView(step)) return { product: 0, entries: 0, moved: 0 };
  return { product: 0, entries: entriesOf(step), moved: bytesOfAll(step.inputs) + bytesOfAll(step.outputs) };
};
