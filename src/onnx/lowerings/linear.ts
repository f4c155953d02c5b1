import { floatAttribute, intAttribute } from "../graph.ts";
import { lowering, need } from "../lowering.ts";

/** Y = α·A'·B' + β·C, with A' and B' transposed as asked. */
export const gemm = lowering("Gemm", (context) => {
  const { node, g, inputs } = context;
  const a = intAttribute(node, "transA", 0) !== 0 ? g.swapLast(need(context, 0)) : need(context, 0);
  const b = intAttribute(node, "transB", 0) !== 0 ? g.swapLast(need(context, 1)) : need(context, 1);
  const product = g.scale(g.matMul(a, b), floatAttribute(node, "alpha", 1));
  const c = inputs[2];
  return [c ? g.add(product, g.scale(c, floatAttribute(node, "beta", 1))) : product];
});

/** A vector on either side becomes a matrix of one row or column, so that rules see matrices only. */
export const matMul = lowering("MatMul", (context) => {
  const { g, outputs: [out] } = context;
  const a = need(context, 0);
  const b = need(context, 1);
  if (a.shape.length > 1 && b.shape.length > 1) return [g.matMul(a, b)];
  const left = a.shape.length > 1 ? a : g.reshape(a, [1, a.shape[0] ?? 1]);
  const right = b.shape.length > 1 ? b : g.reshape(b, [b.shape[0] ?? 1, 1]);
  return [g.reshape(g.matMul(left, right), out?.shape ?? [])];
});
