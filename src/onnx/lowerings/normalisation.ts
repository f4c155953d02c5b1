import { floatAttribute, intAttribute } from "../graph.ts";
import { lowering, need } from "../lowering.ts";
import { LensError } from "../../core/errors.ts";
import { describe } from "../graph.ts";
import { normaliseAxis } from "../value.ts";

/**
 * y = (x − mean)/√(var + ε)·scale + shift per channel, with the running statistics as constants (inference).
 * @throws LensError MODEL_TRAINING for a node that computes batch statistics.
 */
export const batchNormalization = lowering("BatchNormalization", (context) => {
  const { node, g } = context;
  if (intAttribute(node, "training_mode", 0) !== 0) {
    throw new LensError("MODEL_TRAINING", `${describe(node)} computes statistics of the batch: samples would depend on one another.`, "Export the model in evaluation mode (model.eval() before torch.onnx.export).");
  }
  const x = need(context, 0);
  const perChannel = (place: number) => {
    const value = need(context, place);
    return g.reshape(value, [value.shape[0] ?? 1, ...x.shape.slice(2).map(() => 1)]);
  };
  const deviation = g.unary("Sqrt", g.add(perChannel(4), g.scalar(floatAttribute(node, "epsilon", 1e-5), x)));
  const centred = g.sub(x, perChannel(3));
  return [g.add(g.mul(g.div(centred, deviation), perChannel(1)), perChannel(2))];
});

/** y = (x − E x)/√(Var x + ε)·scale + shift over the axes from `axis` on. */
export const layerNormalization = lowering("LayerNormalization", (context) => {
  const { node, g, inputs } = context;
  const x = need(context, 0);
  const rank = x.shape.length;
  const first = normaliseAxis(intAttribute(node, "axis", -1), rank);
  const axes = Array.from({ length: rank - first }, (_, i) => first + i);
  const mean = g.mean(x, axes, true);
  const centred = g.sub(x, mean);
  const variance = g.mean(g.square(centred), axes, true);
  const inverse = g.unary("Reciprocal", g.unary("Sqrt", g.add(variance, g.scalar(floatAttribute(node, "epsilon", 1e-5), x))));
  const scaled = g.mul(g.mul(centred, inverse), need(context, 1));
  const shift = inputs[2];
  return [shift ? g.add(scaled, shift) : scaled, mean, inverse];
});
