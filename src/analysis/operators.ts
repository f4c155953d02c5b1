import { keyOf } from "../autodiff/rule.ts";
import { ruleFor, rules } from "../autodiff/rules/index.ts";
import { dependence } from "../onnx/dependence.ts";
import type { Node } from "../onnx/graph.ts";
import { hasLowering } from "../onnx/lower.ts";
import { lowerings } from "../onnx/lowerings/index.ts";
import { chooseParameters } from "../onnx/parameters.ts";
import { openModel } from "./model-file.ts";

/** One derivative rule of the table. */
export interface RuleFacts {
  readonly operator: string;
  readonly domain: string;
  /** "rule": jvp and vjp; "zero": integer-valued or stepwise, derivative zero on purpose; "rewritten": decomposed before differentiation. */
  readonly kind: "rule" | "zero" | "rewritten";
  /** What is said about it in the table, one line. */
  readonly note: string;
}

/** What one model needs. */
export interface ModelOperators {
  readonly path: string;
  readonly opset: number;
  readonly operators: readonly { readonly operator: string; readonly domain: string; readonly count: number; readonly covered: boolean; readonly nodes: readonly string[] }[];
  readonly missing: readonly { readonly operator: string; readonly nodes: readonly string[]; readonly hint: string }[];
}

const NOTES = {
  linear: "linear in its operand",
  smooth: "differentiable everywhere in its domain",
  piecewise: "differentiable except at kinks, where one side is taken as in PyTorch",
  zero: "integer-valued or stepwise: derivative zero on purpose",
} as const;

/** All derivative rules, sorted by domain and operator. */
export const listRules = (): readonly RuleFacts[] => {
  const own = rules.map((rule): RuleFacts => ({ operator: rule.op, domain: rule.domain, kind: rule.kind === "zero" ? "zero" : "rule", note: NOTES[rule.kind] }));
  const known = new Set(rules.map((rule) => keyOf(rule.domain, rule.op)));
  const rewritten = lowerings.filter((l) => !known.has(keyOf(l.domain, l.op))).map((l): RuleFacts => ({ operator: l.op, domain: l.domain, kind: "rewritten", note: "written as other operators before it is differentiated" }));
  return [...own, ...rewritten].sort((a, b) => a.domain.localeCompare(b.domain) || a.operator.localeCompare(b.operator));
};

const isCovered = (node: Node): boolean => ruleFor(node.domain, node.op) !== undefined || hasLowering(node.domain, node.op);

/** The operators of a model and, of those that a derivative passes through, the ones without a rule. @throws LensError as reading a model does. */
export const modelOperators = async (path: string): Promise<ModelOperators> => {
  const { model } = await openModel(path);
  const chosen = new Set(chooseParameters(model.graph).filter((c) => c.chosen).map((c) => c.name));
  const depends = dependence(model.graph, chosen);
  const groups = new Map<string, Node[]>();
  for (const node of model.graph.nodes) groups.set(keyOf(node.domain, node.op), [...(groups.get(keyOf(node.domain, node.op)) ?? []), node]);
  const onPath = (node: Node): boolean => node.outputs.some((o) => depends.get(o)?.onParameters === true);
  const operators = [...groups.values()].flatMap((nodes) => {
    const [first] = nodes;
    if (!first) return [];
    const needing = nodes.filter(onPath);
    return [{ operator: first.op, domain: first.domain, count: nodes.length, covered: needing.length === 0 || isCovered(first), nodes: needing.map((n) => n.name) }];
  });
  return {
    path,
    opset: model.opsets.get("") ?? 0,
    operators: operators.sort((a, b) => a.domain.localeCompare(b.domain) || a.operator.localeCompare(b.operator)),
    missing: operators.filter((o) => !o.covered).map(({ operator, domain, nodes }) => ({
      operator: domain === "" ? operator : `${domain}.${operator}`,
      nodes,
      hint: "Leave the parameters before these nodes out with --parameters, or export the model with standard operators.",
    })),
  };
};
