import type { Tensor } from "../../../core/tensor.ts";
import type { Executor } from "../../executor.ts";
import type { Model } from "../../graph.ts";
import { ask } from "./ask.ts";
import { expandControl, isControl } from "./expand.ts";
import { stuck } from "./stuck.ts";
import { resolveSequences } from "./resolve-sequences.ts";
import { isSequenceOperator } from "./sequence-names.ts";

/** Whether a model has anything that `resolveControl` resolves. */
export const hasControl = ({ graph }: Model): boolean => graph.nodes.some((node) => isControl(node) || isSequenceOperator(node));

/**
 * The model without control flow, sequences and optional values: branches taken, loops written out as often as they run for these inputs,
 * elements of sequences by their own names. Parameters keep their names. A model that has none of these is returned as it is, at no cost.
 * Cost: one run of what decides the control flow for each level of nesting.
 * @throws LensError MODEL_DYNAMIC (it depends on the data), MODEL_CONTROL (it cannot be known), MODEL_UNROLL (too long), MODEL_SEQUENCE.
 */
export const resolveControl = async (executor: Executor, model: Model, parameters: ReadonlySet<string>, feeds: Readonly<Record<string, Tensor>>): Promise<Model> => {
  let current = model;
  while (hasControl(current)) {
    const answers = await ask(executor, current, parameters, feeds);
    const next = current.graph.nodes.some(isControl) ? expandControl(current, answers) : resolveSequences(current, answers);
    if (next === current) throw stuck(current);
    current = next;
  }
  return current;
};
