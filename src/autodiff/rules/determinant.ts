import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Value } from "../../onnx/value.ts";
import { rule, type RuleContext } from "../rule.ts";
import { operand } from "./operand.ts";

/**
 * adj(A) of A [..., n, n], with A·adj(A) = det A·I, from matrix products alone: M_1 = I, M_{k+1} = A·M_k + c_k·I with
 * c_k = −tr(A·M_k)/k, adj(A) = ±M_n. Exact for singular matrices too; rounding grows with n, so it is meant for small ones.
 * @source Faddeev–LeVerrier algorithm.
 */
const adjugate = (a: Value, g: GraphBuilder): Value => {
  const n = a.shape.at(-1) ?? 1;
  const rank = a.shape.length;
  const dtype = a.dtype === "float64" ? "float64" : "float32";
  const entries = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const identity = g.constant(dtype === "float64" ? { dtype, shape: [n, n], data: Float64Array.from(entries) } : { dtype, shape: [n, n], data: Float32Array.from(entries) }, "identity");
  let m = g.expand(identity, a.shape);
  for (let k = 1; k < n; k++) {
    const product = g.matMul(a, m);
    const trace = g.sum(g.mul(product, identity), [rank - 2, rank - 1], true);
    m = g.sub(product, g.mul(g.div(trace, g.scalar(k, a)), identity));
  }
  return n % 2 === 0 ? g.neg(m) : m;
};

const slope = (context: RuleContext): Value => context.g.swapLast(adjugate(operand(context), context.g));

/** y = det A.  jvp ẏ = tr(adj(A)·Ȧ)   vjp Ā = ȳ·adj(A)ᵀ. @source Giles 2008, §2.2.4. */
export const det = rule("Det", {
  jvp: (context) => {
    const { tangents: [da], g } = context;
    return da && g.sum(g.mul(slope(context), da), [da.shape.length - 2, da.shape.length - 1]);
  },
  vjp: (context) => [context.g.mul(slope(context), context.g.reshape(context.cotangent, [...context.cotangent.shape, 1, 1]))],
});
