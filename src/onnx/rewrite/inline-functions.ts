import { LensError } from "../../core/errors.ts";
import { type Attribute, type Attributes, type Graph, type LocalFunction, type Model, type Node, describe } from "../graph.ts";
import { identities, instantiate } from "./instantiate.ts";
import { Names } from "./names.ts";
import { type Pass, silent } from "./pass.ts";

const keyOf = (domain: string, op: string, overload: string): string => `${domain}.${op}:${overload}`;

/** Deeper calls than this are taken for a function that calls itself, which ONNX forbids. */
const DEEPEST = 64;

/** Attributes with references to the function's own attributes replaced; a reference to one that is not given and has no default leaves nothing. */
const resolved = (attributes: Attributes, given: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).flatMap(([key, attribute]): [string, Attribute][] => {
    if (attribute.type === "graph") return [[key, { type: "graph", value: { ...attribute.value, nodes: attribute.value.nodes.map((n) => ({ ...n, attributes: resolved(n.attributes, given) })) } }]];
    if (attribute.type !== "reference") return [[key, attribute]];
    const value = given[attribute.value];
    return value === undefined ? [] : [[key, value]];
  }));

/** The model's operator sets with those that functions need. @throws LensError MODEL_FUNCTION where two versions of one set would be needed. */
const joinedOpsets = (model: Model, used: ReadonlySet<LocalFunction>): ReadonlyMap<string, number> => {
  const opsets = new Map(model.opsets);
  for (const local of used) {
    for (const [domain, version] of local.opsets) {
      const known = opsets.get(domain);
      if (known !== undefined && known !== version && !model.functions.some((f) => f.domain === domain)) {
        throw new LensError("MODEL_FUNCTION", `Function "${local.name}" is written in opset ${version}${domain === "" ? "" : ` of ${domain}`}, the model in opset ${known}.`, "Convert the file with onnx.inliner.inline_local_functions(model, convert_version=True).");
      }
      opsets.set(domain, known ?? version);
    }
  }
  return opsets;
};

class Inliner {
  readonly used = new Set<LocalFunction>();
  readonly #table: ReadonlyMap<string, LocalFunction>;

  constructor(functions: readonly LocalFunction[], private readonly names: Names) {
    this.#table = new Map(functions.map((f) => [keyOf(f.domain, f.name, f.overload), f]));
  }

  graph(graph: Graph, depth: number): Graph {
    return { ...graph, nodes: graph.nodes.flatMap((node) => this.node(node, depth)) };
  }

  node(node: Node, depth: number): Node[] {
    const inner: Node = { ...node, attributes: Object.fromEntries(Object.entries(node.attributes).map(([key, a]) => [key, a.type === "graph" ? { type: "graph", value: this.graph(a.value, depth) } : a])) };
    const local = this.#table.get(keyOf(node.domain, node.op, node.overload ?? ""));
    if (!local) return [inner];
    if (depth > DEEPEST) throw new LensError("MODEL_FUNCTION", `${describe(node)} calls itself.`, "Check the model with onnx.checker: functions must not be recursive.");
    this.used.add(local);
    const given: Attributes = { ...local.defaults, ...inner.attributes };
    const nodes = local.nodes.map((n) => ({ ...n, attributes: resolved(n.attributes, given) }));
    const copy = instantiate({ inputs: local.inputs, outputs: local.outputs, nodes, initializers: new Map() }, node.inputs, this.names, `${node.name}/`);
    return [...copy.nodes.flatMap((n) => this.node(n, depth + 1)), ...identities(copy.results, node.outputs)];
  }
}

/**
 * Replaces every call of a function that the file defines by the function's nodes, with attributes filled in; functions that call functions
 * too, also inside Loop, If and Scan.
 * @throws LensError MODEL_FUNCTION for recursion and for clashing operator sets.
 * @source ONNX IR, "Functions".
 */
export const inlineFunctions: Pass = silent((model: Model): Model => {
  if (model.functions.length === 0) return model;
  const inliner = new Inliner(model.functions, new Names(model.graph));
  const graph = inliner.graph(model.graph, 0);
  return { ...model, graph, functions: [], opsets: joinedOpsets(model, inliner.used) };
});
