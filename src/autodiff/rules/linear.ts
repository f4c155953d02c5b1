import type { Value } from "../../onnx/value.ts";
import { positions, rowsAlong, widenedShape } from "../factor.ts";
import { rule } from "../rule.ts";

/**
 * Y = A·B, A: [..., m, k], B: [..., k, n]; leading axes broadcast. Vectors are lowered to matrices before.
 *   jvp  Ẏ = Ȧ·B + A·Ḃ        vjp  Ā = Ȳ·Bᵀ,  B̄ = Aᵀ·Ȳ   (summed back over broadcast axes)
 *   per sample  B̄_i = Σ_t a_{i,t} ȳ_{i,t}ᵀ for a weight matrix B (Ā likewise for A)
 * @source Giles 2008, "Collected matrix derivative results".
 */
export const matMul = rule("MatMul", {
  jvp: ({ inputs: [a, b], tangents: [da, db], g }) => g.sumOf(da && b && g.matMul(da, b), db && a && g.matMul(a, db)),
  vjp: ({ inputs: [a, b], cotangent: y, wants, g }) => {
    if (!a || !b) return [];
    // One product over all positions instead of one per position, summed afterwards.
    const flatten = (v: Value): Value => g.reshape(v, [v.shape.slice(0, -1).reduce((p, q) => p * q, 1), v.shape.at(-1) ?? 1]);
    return [
      wants[0] && g.sumTo(g.matMul(y, g.swapLast(b)), a.shape),
      wants[1] && (b.shape.length === 2 ? g.matMul(g.swapLast(flatten(a)), flatten(y)) : g.sumTo(g.matMul(g.swapLast(a), y), b.shape)),
    ];
  },
  factor: ({ inputs: [a, b], cotangent: y, place, inputAxes, outputAxis, samples, g }) => {
    if (!a || !b) return undefined;
    const [weight, other, where] = place === 1 ? [b, a, inputAxes[0]] : [a, b, inputAxes[1]];
    if (!where) return undefined;
    if (weight.shape.length > 2) {
      // A stack of weights: its gradient before it is summed over the samples, which lie along a leading axis.
      const widened = outputAxis.axis < y.shape.length - 2 ? widenedShape(weight.shape, y.shape.length, outputAxis, samples) : undefined;
      const gradient = (): Value => (place === 1 ? g.matMul(g.swapLast(a), y) : g.matMul(y, g.swapLast(b)));
      return widened && rowsAlong(g.sumTo(gradient(), widened), weight.shape, outputAxis, samples, g);
    }
    if (weight.shape.length !== 2) return undefined;
    // The contracted axis of the other operand and the matching free axis of the result.
    const contracted = other.shape.length - (place === 1 ? 1 : 2);
    const free = y.shape.length - (place === 1 ? 1 : 2);
    if (where.axis === contracted || outputAxis.axis === free || where.outer !== outputAxis.outer) return undefined;
    return {
      kind: "outer",
      a: positions(other, where, contracted, samples, g),
      g: positions(y, outputAxis, free, samples, g),
      arrange: (rows, builder) => (place === 1 ? builder.swapLast(rows) : rows),
    };
  },
  // A product of two parameters, such as a low-rank update or a projection of learned queries.
  lift: (rows, { inputs: [a, b], place, g }) => {
    if (!a || !b) return undefined;
    const { shape } = place === 0 ? a : b;
    const full = place === 0 ? g.matMul(rows, g.swapLast(b)) : g.matMul(g.swapLast(a), rows);
    const samples = rows.shape[0] ?? 1;
    return g.reshape(g.sumTo(full, [samples, ...Array.from({ length: full.shape.length - 1 - shape.length }, () => 1), ...shape]), [samples, ...shape]);
  },
});
