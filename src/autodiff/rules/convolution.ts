import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Value } from "../../onnx/value.ts";
import { type Arrange, type Factor, positions, type SampleAxis, summedAlong } from "../factor.ts";
import { again, type RuleContext, rule } from "../rule.ts";
import { type Geometry, geometryOf, patches, transposedAttributes } from "./convolution-geometry.ts";

interface Convolution {
  readonly x: Value;
  readonly w: Value;
  readonly y: Value;
  readonly geometry: Geometry;
}

const parts = ({ step, inputs: [x, w], outputs: [y] }: RuleContext): Convolution => {
  if (!x || !w || !y) throw new Error("Conv has two operands and a result");
  return { x, w, y, geometry: geometryOf(step, x, y, w.shape.slice(2)) };
};

/** [N, C, …] as [C, N, …]. */
const channelsFirst = (value: Value, g: GraphBuilder): Value => g.transpose(value, value.shape.map((_, i) => (i < 2 ? 1 - i : i)));

/** The weight as the adjoint of a convolution with stride 1 uses it: [in, out/group, …], every spatial axis reversed. */
const turned = (w: Value, group: number, g: GraphBuilder): Value => {
  const [out = 1, perGroup = 1, ...kernel] = w.shape;
  const inGroups = (): Value => g.transpose(g.reshape(w, [group, out / group, perGroup, ...kernel]), [0, 2, 1, ...kernel.map((_, i) => i + 3)]);
  const flat = group === 1 ? channelsFirst(w, g) : g.reshape(inGroups(), [group * perGroup, out / group, ...kernel]);
  const axes = kernel.map((_, i) => i + 2);
  return g.op("Slice", [flat, g.ints(kernel.map((k) => k - 1)), g.ints(kernel.map((k) => -1 - k)), g.ints(axes), g.ints(axes.map(() => -1))], flat.shape, w.dtype);
};

/**
 * x̄ = the transposed convolution of ȳ. With stride 1 that is a convolution with the turned weight, which ONNX Runtime's CPU provider runs
 * several times faster than ConvTranspose (whose product is only as deep as the layer has channels); the turned weight is made once a batch.
 */
const inputCotangent = (cotangent: Value, { x, w, y, geometry }: Convolution, g: GraphBuilder): Value => {
  const { kernel, strides, dilations, before, after, group } = geometry;
  const reach = kernel.map((k, i) => (k - 1) * (dilations[i] ?? 1));
  const pads = [...reach.map((r, i) => r - (before[i] ?? 0)), ...reach.map((r, i) => r - (after[i] ?? 0))];
  if (strides.every((s) => s === 1) && pads.every((p) => p >= 0)) {
    return g.op("Conv", [cotangent, turned(w, group, g)], x.shape, x.dtype, { strides, dilations, group, pads, kernel_shape: kernel });
  }
  return g.op("ConvTranspose", [cotangent, w], x.shape, x.dtype, transposedAttributes(geometry, x.shape.slice(2), y.shape.slice(2)));
};

/** Gradients as they come out of the products, [n, group, out/group, |kernel|, in/group], in the order of the weight. */
const weightOrder = (w: Value, group: number): Arrange => (rows, g) => {
  const [out = 1, perGroup = 1, ...kernel] = w.shape;
  const size = kernel.reduce((a, b) => a * b, 1);
  const split = g.reshape(rows, [rows.shape[0] ?? 1, group, out / group, size, perGroup]);
  return g.reshape(g.transpose(split, [0, 1, 2, 4, 3]), [rows.shape[0] ?? 1, ...w.shape]);
};

/**
 * Per-sample weight gradients Σ_t ȳ_{i,t} patch_{i,t}ᵀ. Without groups an outer factor over the T positions; with groups the gradients
 * themselves, block by block.
 */
const weightFactor = (cotangent: Value, { x, w, y, geometry }: Convolution, g: GraphBuilder): Factor => {
  const { group } = geometry;
  const [samples = 1, channels = 1] = x.shape;
  const out = w.shape[0] ?? 1;
  const columns = patches(x, y.shape.slice(2), geometry, g);
  const size = columns.shape[1] ?? 1;
  const positions = columns.shape[3] ?? 1;
  const arrange = weightOrder(w, group);
  if (group === 1) {
    return { kind: "outer", a: g.swapLast(g.reshape(columns, [samples, size * channels, positions])), g: g.swapLast(g.reshape(cotangent, [samples, out, positions])), arrange };
  }
  const perGroup = g.reshape(g.transpose(g.reshape(columns, [samples, size, group, channels / group, positions]), [0, 2, 1, 3, 4]), [samples, group, (size * channels) / group, positions]);
  const rows = g.timesSwapped(g.reshape(cotangent, [samples, group, out / group, positions]), perGroup);
  return { kind: "rows", rows, arrange };
};

/** The positions of all images that belong to one sample (frames of a video, windows, crops) are the sample's positions. */
const bySample = (factor: Factor, where: SampleAxis, samples: number, g: GraphBuilder): Factor => {
  if (where.outer * where.inner === 1) return factor;
  if (factor.kind === "rows") return { ...factor, rows: summedAlong(factor.rows, where, samples, g) };
  return { ...factor, a: positions(factor.a, where, 2, samples, g), g: positions(factor.g, where, 2, samples, g) };
};

/**
 * The weight gradient Σ_{n,t} ȳ_{n,t} patch_{n,t}ᵀ as one product over all positions of all samples, [out, N·T]·[N·T, |kernel|·in], with
 * channels in front so that nothing is summed afterwards.
 */
const weightGradient = (cotangent: Value, { x, w, y, geometry }: Convolution, g: GraphBuilder): Value => {
  const { group } = geometry;
  const [out = 1, perGroup = 1, ...kernel] = w.shape;
  const columns = patches(channelsFirst(x, g), y.shape.slice(2), geometry, g);
  const [channels = 1, size = 1, samples = 1, positions = 1] = columns.shape;
  const all = samples * positions;
  const front = channelsFirst(cotangent, g);
  if (group === 1) return g.reshape(g.op("Gemm", [g.reshape(front, [out, all]), g.reshape(columns, [channels * size, all])], [out, channels * size], w.dtype, { transB: 1 }), w.shape);
  const right = g.reshape(columns, [group, (channels / group) * size, all]);
  return g.reshape(g.timesSwapped(g.reshape(front, [group, out / group, all]), right), [out, perGroup, ...kernel]);
};

/**
 * Y = W ∗ X.  jvp Ẏ = W ∗ Ẋ + Ẇ ∗ X   vjp X̄ = the transposed convolution, W̄ = Σ_{n,t} ȳ_{n,t} patch_{n,t}ᵀ
 * @source Dumoulin & Visin 2016, arXiv:1603.07285.
 */
export const conv = rule("Conv", {
  jvp: (context) => {
    const { tangents: [dx, dw], inputs: [x, w], outputs: [y], step, g } = context;
    if (!x || !w || !y) return undefined;
    return g.sumOf(dx && again(context, dx), dw && g.op("Conv", [x, dw], y.shape, y.dtype, step.attributes));
  },
  vjp: (context) => {
    const { cotangent, wants, g } = context;
    const convolution = parts(context);
    return [wants[0] && inputCotangent(cotangent, convolution, g), wants[1] && weightGradient(cotangent, convolution, g)];
  },
  factor: (context) => {
    const { place, inputAxes: [where], g } = context;
    if (place !== 1 || where?.axis !== 0) return undefined;
    return bySample(weightFactor(context.cotangent, parts(context), g), where, context.samples, g);
  },
});

const transposedParts = ({ step, inputs: [x, w], outputs: [y] }: RuleContext): Convolution => {
  if (!x || !w || !y) throw new Error("ConvTranspose has two operands and a result");
  return { x, w, y, geometry: geometryOf(step, y, x, w.shape.slice(2)) };
};

/** x̄ = the convolution of ȳ; output_padding of a whole stride or more makes it longer than x, and is cut. */
const convolved = (cotangent: Value, { x, w, geometry }: Convolution, g: GraphBuilder): Value => {
  const { kernel, strides, dilations, before, after, group } = geometry;
  const sizes = kernel.map((k, i) => Math.floor(((cotangent.shape[i + 2] ?? 1) + (before[i] ?? 0) + (after[i] ?? 0) - (k - 1) * (dilations[i] ?? 1) - 1) / (strides[i] ?? 1)) + 1);
  const long = g.op("Conv", [cotangent, w], [...x.shape.slice(0, 2), ...sizes], x.dtype, { strides, dilations, group, pads: [...before, ...after], kernel_shape: kernel });
  return g.slice(long, kernel.map(() => 0), x.shape.slice(2), kernel.map((_, i) => i + 2));
};

/**
 * The weight gradient of a transposed convolution is that of the convolution which it is the adjoint of, with x and ȳ in each other's
 * place; in the factor they change places back, so that `a` alone does not depend on the cotangent.
 */
const transposedFactor = (cotangent: Value, { x, w, geometry }: Convolution, g: GraphBuilder): Factor => {
  const factor = weightFactor(x, { x: cotangent, w, y: x, geometry }, g);
  return factor.kind === "rows" ? factor : { ...factor, a: factor.g, g: factor.a, arrange: (rows, builder) => factor.arrange(builder.swapLast(rows), builder) };
};

/**
 * Y = the adjoint of the convolution with W, applied to X; lowered to explicit pads.
 *   jvp  the same of Ẋ, and of X with Ẇ        vjp  X̄ = W ∗ Ȳ, W̄ = Σ x_{n,t} patch(ȳ)_{n,t}ᵀ
 */
export const convTranspose = rule("ConvTranspose", {
  jvp: (context) => {
    const { tangents: [dx, dw], inputs: [x], outputs: [y], step, g } = context;
    if (!x || !y) return undefined;
    return g.sumOf(dx && again(context, dx), dw && g.op("ConvTranspose", [x, dw], y.shape, y.dtype, step.attributes));
  },
  vjp: (context) => {
    const { cotangent, wants, g } = context;
    const convolution = transposedParts(context);
    const { x } = convolution;
    return [wants[0] && convolved(cotangent, convolution, g), wants[1] && weightGradient(x, { ...convolution, x: cotangent, y: x }, g)];
  },
  factor: (context) => {
    const { place, inputAxes: [where], g } = context;
    if (place !== 1 || where?.axis !== 0) return undefined;
    return bySample(transposedFactor(context.cotangent, transposedParts(context), g), where, context.samples, g);
  },
});
