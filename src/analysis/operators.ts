import { keyOf } from "../autodiff/rule.ts";
import { ruleFor, rules } from "../autodiff/rules/index.ts";
import { dependence } from "../onnx/dependence.ts";
import type { Graph, Node } from "../onnx/graph.ts";
import { hasLowering } from "../onnx/lower.ts";
import { lowerings } from "../onnx/lowerings/index.ts";
import { chooseParameters, type ParameterChoice } from "../onnx/parameters.ts";
import { CONTROL_OPERATORS, isControl } from "../onnx/rewrite/control/expand.ts";
import { isSequenceOperator, SEQUENCE_OPERATORS } from "../onnx/rewrite/control/sequence-names.ts";
import type { ModelWarning } from "../onnx/rewrite/pass.ts";
import { allNodes } from "../onnx/uses.ts";
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
  /** Every floating tensor that is stored, whether it is a parameter by default, and why or why not. */
  readonly parameters: readonly ParameterChoice[];
  /** What was seen of how the file was exported. */
  readonly warnings: readonly ModelWarning[];
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
  const resolved = [...new Set([...CONTROL_OPERATORS, ...SEQUENCE_OPERATORS])].map((operator): RuleFacts => ({ operator, domain: "", kind: "rewritten", note: "written out before differentiation, where one run decides its course" }));
  return [...own, ...rewritten, ...resolved].sort((a, b) => a.domain.localeCompare(b.domain) || a.operator.localeCompare(b.operator));
};

/** Control flow and sequences are resolved when the model is traced; what is inside of them is counted on its own. */
const isCovered = (node: Node): boolean => isControl(node) || isSequenceOperator(node) || ruleFor(node.domain, node.op) !== undefined || hasLowering(node.domain, node.op);

/** All nodes, with what stands inside of others after them; what is inside of a node is on the path if that node is. */
const nodesOf = (graph: Graph, isOn: (node: Node) => boolean): readonly { readonly node: Node; readonly on: boolean }[] =>
  graph.nodes.flatMap((outer) => allNodes({ ...graph, nodes: [outer] }).map((node) => ({ node, on: isOn(outer) })));

/** The operators of a model and, of those that a derivative passes through, the ones without a rule. @throws LensError as reading a model does. */
export const modelOperators = async (path: string): Promise<ModelOperators> => {
  const { model, warnings } = await openModel(path);
  const parameters = chooseParameters(model.graph);
  const depends = dependence(model.graph, new Set(parameters.filter((c) => c.chosen).map((c) => c.name)));
  const onPath = (node: Node): boolean => node.outputs.some((o) => depends.get(o)?.onParameters === true);
  const groups = new Map<string, { readonly node: Node; readonly on: boolean }[]>();
  for (const found of nodesOf(model.graph, onPath)) {
    const key = keyOf(found.node.domain, found.node.op);
    const known = groups.get(key);
    if (known) known.push(found);
    else groups.set(key, [found]);
  }
  const operators = [...groups.values()].flatMap((nodes) => {
    const first = nodes[0]?.node;
    if (!first) return [];
    const needing = nodes.flatMap(({ node, on }) => (on ? [node] : []));
    return [{ operator: first.op, domain: first.domain, count: nodes.length, covered: needing.length === 0 || isCovered(first), nodes: needing.map((n) => n.name) }];
  });
  return {
    path,
    opset: model.opsets.get("") ?? 0,
    operators: operators.sort((a, b) => a.domain.localeCompare(b.domain) || a.operator.localeCompare(b.operator)),
    missing: operators.filter((o) => !o.covered).map(({ operator, domain, nodes }) => ({
      operator: domain === "" ? operator : `${domain}.${operator}`,
      nodes,
      hint: "The parameters before these nodes are taken by finite differences where they are few; leave them out with --parameters otherwise, or export the model with standard operators.",
    })),
    parameters,
    warnings,
  };
};
