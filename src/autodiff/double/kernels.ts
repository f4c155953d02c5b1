import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Program, Step, Value } from "../../onnx/value.ts";
import { type Kernel, replaceSteps } from "../replace-steps.ts";
import { celu, elu, gelu, hardSigmoid, hardSwish, leakyRelu, mish, selu, softplus, softsign, thresholdedRelu, type Unary } from "./activations.ts";
import { acos, acosh, asin, asinh, atan, atanh, cosh, sinh, tan } from "./elementary.ts";
import { erf } from "./error-function.ts";
import { averagePool, convolution, transposedConvolution } from "./windows.ts";

const unary = (write: Unary): Kernel => (step, [x], g) => x && write(x, g, step);

const windows = (write: (step: Step, x: Value, w: Value, y: Value, g: GraphBuilder) => Value): Kernel => (step, [x, w], g) => x && w && step.outputs[0] && write(step, x, w, step.outputs[0], g);

/** The operator itself in float32: for those whose result is stepwise, so that only the place of a step could differ. */
const inSingle: Kernel = (step, operands, g) => {
  const [y] = step.outputs;
  if (!y) return undefined;
  const narrow = operands.map((value) => (value?.dtype === "float64" ? g.cast(value, "float32") : value));
  return g.cast(g.op(step.op, narrow, y.shape, y.dtype === "float64" ? "float32" : y.dtype, step.attributes, step.domain), y.dtype);
};

/**
 * The operators that ONNX Runtime's CPU provider has in float32 only, and what computes them in float64. Written when a program is loaded and
 * not when it is differentiated: derivatives are then those of the operator, by its own rule.
 */
export const DOUBLE_KERNELS: Readonly<Record<string, Kernel>> = {
  Erf: unary(erf), Gelu: unary(gelu), Softplus: unary(softplus), Softsign: unary(softsign), Mish: unary(mish),
  Elu: unary(elu), Celu: unary(celu), Selu: unary(selu), LeakyRelu: unary(leakyRelu), ThresholdedRelu: unary(thresholdedRelu),
  HardSigmoid: unary(hardSigmoid), HardSwish: unary(hardSwish),
  PRelu: (_, [x, slope], g) => x && slope && g.where(g.less(x, g.scalar(0, x)), g.mul(x, slope), x),
  Tan: unary(tan), Asin: unary(asin), Acos: unary(acos), Atan: unary(atan), Sinh: unary(sinh), Cosh: unary(cosh), Asinh: unary(asinh), Acosh: unary(acosh), Atanh: unary(atanh),
  Conv: windows(convolution),
  ConvTranspose: windows(transposedConvolution),
  AveragePool: (step, [x], g) => x && step.outputs[0] && averagePool(step, x, step.outputs[0], g),
  Hardmax: inSingle, QuantizeLinear: inSingle, NonMaxSuppression: inSingle,
};

const kernelOf = (step: Step): Kernel | undefined =>
  step.domain === "" && step.inputs.some((input) => input?.dtype === "float64") ? DOUBLE_KERNELS[step.op] : undefined;

/**
 * A program in which every float64 step that has no kernel of its own is written as steps that have one, in the bodies of loops as well; the
 * same program where there is none. All names stay.
 */
export const withDoubleKernels = (program: Program): Program => replaceSteps(program, kernelOf, "double:");
