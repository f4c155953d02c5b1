import type { Capabilities } from "../../core/capabilities.ts";
import { floatAttribute, intAttribute } from "../../onnx/graph.ts";
import { type Program, sameShape, type Step } from "../../onnx/value.ts";
import { transposedConvolution } from "../double/windows.ts";
import type { Executor } from "../../onnx/executor.ts";
import { type Kernel, replaceSteps } from "../replace-steps.ts";
import { blockWidth } from "./block-width.ts";
import { blockedConvolution } from "./blocked-convolution.ts";

/**
 * What stands in for operators that an execution provider leaves to the CPU, or whose kernel fails: steps that all providers have. A provider
 * says by `Capabilities.substitutes` which of them it needs.
 */
export const DEVICE_KERNELS: Readonly<Record<string, Kernel>> = {
  /** sign x = [x > 0] − [x < 0] */
  Sign: (_, [x], g) => x && (x.dtype === "float32" ? g.sub(g.mask(g.greater(x, g.scalar(0, x)), x.dtype), g.mask(g.less(x, g.scalar(0, x)), x.dtype)) : undefined),
  /** x − max x − log Σ e^{x − max x} */
  LogSoftmax: (step, [x], g) => {
    if (!x) return undefined;
    const axis = [intAttribute(step, "axis", -1)];
    const shifted = g.sub(x, g.reduce("ReduceMax", x, axis, true));
    return g.sub(shifted, g.unary("Log", g.sum(g.unary("Exp", shifted), axis, true)));
  },
  /** α·elu(x/α) */
  Celu: (step, [x], g) => {
    const alpha = floatAttribute(step, "alpha", 1);
    return x && g.scale(g.unary("Elu", g.scale(x, 1 / alpha)), alpha);
  },
  /** γ·elu(x; α). @source ONNX operator specification: the constants are those of float32. */
  Selu: (step, [x], g) => x && g.scale(g.op("Elu", [x], x.shape, x.dtype, { alpha: { float: floatAttribute(step, "alpha", Math.fround(1.6732632423543772)) } }), floatAttribute(step, "gamma", Math.fround(1.0507009873554805))),
  /** x/(1 + |x|) */
  Softsign: (_, [x], g) => x && g.div(x, g.shift(g.unary("Abs", x), 1)),
  /** x + b below −λ, x − b above λ, else 0 */
  Shrink: (step, [x], g) => {
    if (!x) return undefined;
    const [bias, edge] = [floatAttribute(step, "bias", 0), floatAttribute(step, "lambd", 0.5)];
    const above = g.where(g.greater(x, g.scalar(edge, x)), g.shift(x, -bias), g.expand(g.scalar(0, x), x.shape));
    return g.where(g.less(x, g.scalar(-edge, x)), g.shift(x, bias), above);
  },
  /** ¬(¬a ∧ ¬b) */
  Or: (step, [a, b], g) => {
    const [y] = step.outputs;
    const not = (value: NonNullable<typeof a>): typeof value => g.op("Not", [value], value.shape, "bool");
    return a && b && y && not(g.op("And", [not(a), not(b)], y.shape, "bool"));
  },
  /** Of three and more axes: products of patches. */
  ConvTranspose: (step, [x, w], g) => {
    const [y] = step.outputs;
    return x && w && y && w.shape.length > 4 ? transposedConvolution(step, x, w, y, g) : undefined;
  },
  /** Operands that are both broadcast, repeated first. */
  Pow: (step, [a, b], g) => {
    const [y] = step.outputs;
    return a && b && y && a.dtype === b.dtype && !sameShape(a.shape, y.shape) && !sameShape(b.shape, y.shape) ? g.pow(g.expand(a, y.shape), g.expand(b, y.shape)) : undefined;
  },
};

/** What programs are rewritten for before they are loaded. */
export interface DeviceKernels {
  readonly substitutes: Capabilities["substitutes"];
  /** Channels in a block of blocked convolutions; 0 where there are none. */
  readonly blockWidth: number;
}

/** What an executor's device needs and has. Cost: `blockWidth`. */
export const deviceKernels = async (executor: Executor): Promise<DeviceKernels> => {
  const { substitutes = new Set<string>(), blockedConvolutions = false } = executor.capabilities ?? {};
  return { substitutes, blockWidth: blockedConvolutions ? await blockWidth(executor) : 0 };
};

/** The program as a device runs it without leaving to the CPU what it need not, and with the faster of its kernels. */
export const forDevice = (program: Program, { substitutes, blockWidth: width }: DeviceKernels): Program => {
  const convolution = width > 0 ? blockedConvolution(width) : undefined;
  return replaceSteps(program, ({ op, domain }: Step) => (domain !== "" ? undefined : substitutes.has(op) ? DEVICE_KERNELS[op] : op === "Conv" ? convolution : undefined), "device:");
};
