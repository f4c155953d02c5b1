import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Value } from "../../onnx/value.ts";
import type { Arrange, Factor } from "../factor.ts";
import { again, type RuleContext, rule } from "../rule.ts";
import { type Geometry, geometryOf, patches } from "./convolution-geometry.ts";

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

/** x̄ = the transposed convolution of ȳ; output_padding restores the rows that the stride left over. */
const inputCotangent = (cotangent: Value, { x, w, y, geometry }: Convolution, g: GraphBuilder): Value => {
  const { kernel, strides, dilations, before, after, group } = geometry;
  const outputPadding = kernel.map((k, i) => (x.shape[i + 2] ?? 1) - (((y.shape[i + 2] ?? 1) - 1) * (strides[i] ?? 1) + (k - 1) * (dilations[i] ?? 1) + 1 - (before[i] ?? 0) - (after[i] ?? 0)));
  return g.op("ConvTranspose", [cotangent, w], x.shape, x.dtype, { strides, dilations, group, pads: [...before, ...after], kernel_shape: kernel, output_padding: outputPadding });
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
  const rows = g.matMul(g.reshape(cotangent, [samples, group, out / group, positions]), g.swapLast(perGroup));
  return { kind: "rows", rows, arrange };
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
    const sum = (): Value => {
      const factor = weightFactor(cotangent, convolution, g);
      const rows = factor.kind === "rows" ? factor.rows : g.matMul(g.swapLast(factor.g), factor.a);
      return g.reshape(factor.arrange(g.sum(rows, [0], true), g), convolution.w.shape);
    };
    return [wants[0] && inputCotangent(cotangent, convolution, g), wants[1] && sum()];
  },
  factor: (context) => {
    const { place, inputAxes: [where], g } = context;
    if (place !== 1 || where?.axis !== 0 || where.multiple !== 1) return undefined;
    return weightFactor(context.cotangent, parts(context), g);
  },
});
