import type { Initializer, Node } from "../graph.ts";
import { type Names, renameNode } from "./names.ts";

/** Nodes with formal inputs and outputs: the body of a local function, or a graph inside a node. */
export interface Body {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Initializer>;
}

/** One copy of a body, with names of its own. */
export interface Instance {
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** What the body's outputs are called now. */
  readonly results: readonly string[];
}

/**
 * Copies a body to where it is called. `actuals` are the operands by place ("" or none: left out); what the body takes from around it
 * keeps its name; what it makes is called `prefix` and its own name. Cost: one pass over the body.
 */
export const instantiate = (body: Body, actuals: readonly string[], names: Names, prefix: string): Instance => {
  const define = (name: string): string => names.fresh(`${prefix}${name}`);
  const own = new Map<string, string>([["", ""]]);
  body.inputs.forEach((formal, place) => own.set(formal, actuals[place] ?? ""));
  for (const name of [...body.initializers.keys(), ...body.nodes.flatMap((n) => n.outputs)]) if (!own.has(name)) own.set(name, define(name));
  const rename = (name: string): string => own.get(name) ?? name;
  return {
    nodes: body.nodes.map((node) => ({ ...renameNode(node, rename, define), name: `${prefix}${node.name}` })),
    initializers: new Map([...body.initializers].map(([name, initializer]) => [rename(name), { ...initializer, name: rename(name) }])),
    results: body.outputs.map(rename),
  };
};

/** Nodes that give values their names outside. Where the two are equal none is needed. */
export const identities = (from: readonly string[], to: readonly string[]): Node[] =>
  to.flatMap((name, place): Node[] => {
    const source = from[place] ?? "";
    return name === "" || source === name ? [] : [{ op: "Identity", domain: "", name, inputs: [source], outputs: [name], attributes: {} }];
  });
