import { type Rule, keyOf } from "../rule.ts";
import { erf, gelu, logSoftmax, mish, relu, sigmoid, softmax, softplus, tanh } from "./activation.ts";
import { add, div, exp, log, mul, neg, pow, reciprocal, sqrt, sub } from "./arithmetic.ts";
import { conv, convTranspose } from "./convolution.ts";
import { det } from "./determinant.ts";
import { gather, gatherElements, gatherND, scatterElements, scatterND, topK } from "./gather.ts";
import { matMul } from "./linear.ts";
import { abs, celu, elu, hardSigmoid, hardSwish, leakyRelu, max, min, mod, pRelu, selu, shrink, softsign, thresholdedRelu, where } from "./piecewise.ts";
import { averagePool, maxPool } from "./pooling.ts";
import { reduceL2, reduceLogSumExp, reduceMax, reduceMean, reduceMin, reduceProd, reduceSum } from "./reduction.ts";
import { cast, cumSum, reverseSequence, trilu } from "./sequence.ts";
import { concat, expand, pad, reshape, slice, transpose } from "./shape.ts";
import { stepwise } from "./stepwise.ts";
import { acos, acosh, asin, asinh, atan, atanh, cos, cosh, sin, sinh, tan } from "./trigonometry.ts";

/** Every derivative rule. A list, so that tests and the table of operators find them all. */
export const rules: readonly Rule[] = [
  add, sub, mul, div, neg, reciprocal, sqrt, exp, log, pow, mod,
  sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh,
  relu, leakyRelu, pRelu, thresholdedRelu, elu, celu, selu, gelu, mish, tanh, sigmoid, hardSigmoid, hardSwish, softplus, softsign, shrink, erf, softmax, logSoftmax,
  abs, max, min, where,
  matMul, conv, convTranspose, maxPool, averagePool, det,
  reduceSum, reduceMean, reduceMax, reduceMin, reduceProd, reduceL2, reduceLogSumExp,
  reshape, transpose, expand, slice, pad, concat, cast, cumSum, trilu, reverseSequence,
  gather, gatherElements, gatherND, scatterElements, scatterND, topK,
  ...stepwise,
];

const TABLE: ReadonlyMap<string, Rule> = new Map(rules.map((r) => [keyOf(r.domain, r.op), r]));

export const ruleFor = (domain: string, op: string): Rule | undefined => TABLE.get(keyOf(domain, op));
