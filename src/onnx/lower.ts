import type { Capabilities } from "../core/capabilities.ts";
import { GraphBuilder } from "./builder.ts";
import { lowerings } from "./lowerings/index.ts";
import type { Lowering } from "./lowering.ts";
import type { Trace, TracedValue } from "./trace.ts";
import type { Operand, Program, Value } from "./value.ts";

/** A traced model as a program of canonical operators. The builder holds its steps and goes on to hold derivatives. */
export interface LoweredModel {
  readonly builder: GraphBuilder;
  /** inputs: the model's inputs, then the parameters in the order asked for; outputs: the model's. */
  readonly program: Program;
  readonly inputs: readonly Value[];
  readonly parameters: readonly Value[];
}

const keyOf = (domain: string, op: string): string => `${domain}.${op}`;

const TABLE: ReadonlyMap<string, Lowering> = new Map(lowerings.map((l) => [keyOf(l.domain, l.op), l]));

export const hasLowering = (domain: string, op: string): boolean => TABLE.has(keyOf(domain, op));

const asValue = (name: string, traced: TracedValue): Value => ({ name, shape: traced.shape, dtype: traced.dtype, ...(traced.constant ? { constant: traced.constant } : {}) });

/**
 * Rewrites a traced model to the canonical opset with static shapes. An operator without a lowering is taken over as it is: its meaning
 * must be the same in the canonical opset. `capabilities`: of the provider that will run the steps; default all.
 * @throws LensError MODEL_NODE, MODEL_DYNAMIC, MODEL_ATTRIBUTE.
 */
export const lower = (trace: Trace, parameters: readonly string[], capabilities?: Capabilities): LoweredModel => {
  const g = new GraphBuilder(undefined, capabilities);
  const environment = new Map<string, Value>();
  const inputs = trace.model.graph.inputs.flatMap((input) => {
    const traced = trace.values.get(input.name);
    return traced ? [g.input(input.name, traced.dtype, traced.shape)] : [];
  });
  const weights = parameters.flatMap((name) => {
    const traced = trace.values.get(name);
    return traced ? [g.input(name, traced.dtype, traced.shape)] : [];
  });
  for (const value of [...inputs, ...weights]) environment.set(value.name, value);
  const lookup = (name: string): Operand => {
    if (name === "") return undefined;
    const known = environment.get(name);
    if (known) return known;
    const traced = trace.values.get(name);
    if (!traced?.constant) throw new Error(`value ${name} is used before it is made`);
    const value = asValue(name, traced);
    environment.set(name, value);
    return value;
  };
  for (const node of trace.nodes) {
    g.origin = node.name;
    const operands = node.inputs.map(lookup);
    const outputs = node.outputs.map((name) => trace.values.get(name) ?? { shape: [], dtype: "float32" as const });
    const rule = TABLE.get(keyOf(node.domain, node.op));
    const opset = trace.model.opsets.get(node.domain) ?? 1;
    const made = rule ? rule.lower({ node, opset, inputs: operands, outputs, g }) : g.call(node.op, operands, node.attributes, outputs.map(({ shape, dtype }) => ({ shape, dtype })), node.domain);
    node.outputs.forEach((name, place) => {
      const value = made[place];
      if (name !== "" && value) environment.set(name, value);
    });
  }
  const results = trace.model.graph.outputs.flatMap((output) => lookup(output.name) ?? []);
  return { builder: g, program: g.finish(results), inputs, parameters: weights };
};
