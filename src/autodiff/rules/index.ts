import { type Rule, keyOf, zero } from "../rule.ts";
import { erf, relu, sigmoid, softmax, softplus, tanh } from "./activation.ts";
import { add, div, exp, log, mul, neg, pow, reciprocal, sqrt, sub } from "./arithmetic.ts";
import { conv } from "./convolution.ts";
import { matMul } from "./linear.ts";
import { maxPool } from "./pooling.ts";
import { concat, expand, gather, pad, reduceMean, reduceSum, reshape, slice, transpose } from "./shape.ts";

/** Every derivative rule. A list, so that tests and the table of operators find them all. */
export const rules: readonly Rule[] = [
  add, sub, mul, div, neg, reciprocal, sqrt, exp, log, pow,
  relu, tanh, sigmoid, softplus, erf, softmax,
  matMul, conv, maxPool,
  reshape, transpose, expand, slice, pad, concat, reduceSum, reduceMean, gather,
  zero("Shape"), zero("Size"),
];

const TABLE: ReadonlyMap<string, Rule> = new Map(rules.map((r) => [keyOf(r.domain, r.op), r]));

export const ruleFor = (domain: string, op: string): Rule | undefined => TABLE.get(keyOf(domain, op));
