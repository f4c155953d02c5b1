import { intAttribute, stringAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import type { Operand, Value } from "../value.ts";

/**
 * −w_c·logp_c of the target class c at each place, 0 where the target is to be ignored; summed, or divided by the sum of weights, if
 * asked. logp [N, C, d…], target [N, d…].
 */
const negativeLogLikelihood = (context: LoweringContext, logp: Value, weight: Operand): Value => {
  const { node, g } = context;
  const target = g.cast(need(context, 1), "int64");
  const ignored = node.attributes.ignore_index === undefined ? undefined : g.equal(target, g.scalar(intAttribute(node, "ignore_index", -1), target));
  const classes = ignored ? g.where(ignored, g.scalar(0, target), target) : target;
  const [n = 1, , ...places] = logp.shape;
  const picked = g.op("GatherElements", [logp, g.reshape(classes, [n, 1, ...places])], [n, 1, ...places], logp.dtype, { axis: 1 });
  const ones = (): Value => g.expand(g.scalar(1, logp), target.shape);
  const given = weight ? g.op("Gather", [weight, classes], target.shape, weight.dtype, { axis: 0 }) : ones();
  const weights = ignored ? g.where(ignored, g.scalar(0, logp), given) : given;
  const loss = g.neg(g.mul(g.reshape(picked, target.shape), weights));
  const axes = target.shape.map((_, i) => i);
  const reduction = stringAttribute(node, "reduction", "mean");
  if (reduction === "none") return loss;
  return reduction === "sum" ? g.sum(loss, axes) : g.div(g.sum(loss, axes), g.sum(weights, axes));
};

const nll = lowering("NegativeLogLikelihoodLoss", (context) => [negativeLogLikelihood(context, need(context, 0), context.inputs[2])]);

const crossEntropy = lowering("SoftmaxCrossEntropyLoss", (context) => {
  const x = need(context, 0);
  const logp = context.g.op("LogSoftmax", [x], x.shape, x.dtype, { axis: 1 });
  return [negativeLogLikelihood(context, logp, context.inputs[2]), logp];
});

export const losses = [nll, crossEntropy];
