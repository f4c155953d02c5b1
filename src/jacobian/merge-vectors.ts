import { reachedFrom } from "../autodiff/activity.ts";
import { intAttribute } from "../onnx/graph.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import type { Step, Value } from "../onnx/value.ts";

/** How products with one operand in common become one: the operand that varies is laid side by side, and the result is cut again. */
interface Merge {
  readonly varying: 0 | 1;
  readonly join: number;
  readonly cut: number;
}

/** All ways in which a step may be merged. */
const mergesOf = (step: Step): readonly Merge[] => {
  const [a, b] = step.inputs;
  const [y] = step.outputs;
  if (!a || !b || !y || step.domain !== "" || step.inputs.length > 2) return [];
  const last = y.shape.length - 1;
  if (step.op === "Conv") return intAttribute(step, "group", 1) === 1 ? [{ varying: 1, join: 0, cut: 1 }] : [];
  if (step.op === "Gemm") return intAttribute(step, "transA", 0) === 0 ? [{ varying: 0, join: 0, cut: 0 }] : [];
  if (step.op !== "MatMul" || a.shape.length < 2 || b.shape.length < 2) return [];
  const right: Merge[] = b.shape.length === 2 ? [{ varying: 1, join: 1, cut: last }] : [];
  return b.shape.length === 2 ? [...right, { varying: 0, join: a.shape.length - 2, cut: last - 1 }] : right;
};

const attributesKey = (step: Step): string => JSON.stringify(Object.entries(step.attributes), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));

/** What steps of different vectors have in common where they may be merged. */
const keyOf = (step: Step, { varying }: Merge): string =>
  [step.op, step.name, attributesKey(step), varying, step.inputs[1 - varying]?.name ?? "", step.inputs[varying]?.shape.join() ?? ""].join("|");

interface Candidate {
  readonly step: Step;
  readonly merge: Merge;
}

/** Candidates by key and by how many of the same key stand before them among their own vector's steps: at most one of each vector. */
const candidates = (steps: readonly Step[], vectors: readonly (readonly Value[])[]): ReadonlyMap<string, readonly Candidate[]> => {
  const found = new Map<string, Candidate[]>();
  for (const vector of vectors) {
    const reached = reachedFrom(vector, steps);
    const counts = new Map<string, number>();
    for (const step of steps) {
      if (!step.outputs.some((o) => reached.has(o.name))) continue;
      for (const merge of mergesOf(step)) {
        const key = keyOf(step, merge);
        const place = counts.get(key) ?? 0;
        counts.set(key, place + 1);
        const own = `${key}#${place}`;
        found.set(own, [...(found.get(own) ?? []), { step, merge }]);
      }
    }
  }
  return found;
};

/** One product in place of several: its parts have the names of the results it stands for. */
const merged = (g: GraphBuilder, group: readonly Candidate[]): void => {
  const [first] = group;
  if (!first) return;
  const { step, merge: { varying, join, cut } } = first;
  const [y] = step.outputs;
  const fixed = step.inputs[1 - varying];
  if (!y || !fixed) throw new Error("a product has two operands and a result");
  const side = g.concat(group.flatMap((c) => c.step.inputs[varying] ?? []), join);
  const size = y.shape[cut] ?? 1;
  const shape = y.shape.map((d, i) => (i === cut ? size * group.length : d));
  const operands = varying === 0 ? [side, fixed] : [fixed, side];
  const [all] = g.call(step.op, operands, step.attributes, [{ shape, dtype: y.dtype }]);
  g.call("Split", [all, g.ints(group.map(() => size))], { axis: cut }, group.map((c) => ({ shape: y.shape, dtype: y.dtype, name: c.step.outputs[0]?.name ?? "" })));
};

/** Steps in an order in which each value is made before it is read. */
const sorted = (steps: readonly Step[]): Step[] => {
  const makers = new Map(steps.flatMap((step) => step.outputs.map((o) => [o.name, step] as const)));
  const done = new Set<Step>();
  const order: Step[] = [];
  const visit = (root: Step): void => {
    const stack: { readonly step: Step; next: number }[] = [{ step: root, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const input: Value | undefined = top.step.inputs[top.next++];
      const maker = input && makers.get(input.name);
      if (maker && !done.has(maker)) stack.push({ step: maker, next: 0 });
      else if (top.next >= top.step.inputs.length) {
        stack.pop();
        if (!done.has(top.step)) order.push(top.step);
        done.add(top.step);
      }
    }
  };
  for (const step of steps) if (!done.has(step)) visit(step);
  return order;
};

/**
 * Products of several vectors with one and the same operand (ẇ_d with an input, ȳ_d with patches) as one larger product, which keeps ONNX
 * Runtime's kernels busy and packs the common operand once. `vectors`: the inputs of each; what depends on one depends on no other, and is
 * written alike for all.
 */
export const mergeVectors = (steps: readonly Step[], vectors: readonly (readonly Value[])[]): readonly Step[] => {
  const g = new GraphBuilder("merged:");
  const gone = new Set<Step>();
  for (const group of candidates(steps, vectors).values()) {
    const free = group.filter(({ step }) => !gone.has(step));
    if (free.length < 2) continue;
    merged(g, free);
    for (const { step } of free) gone.add(step);
  }
  return gone.size === 0 ? steps : sorted([...steps.filter((step) => !gone.has(step)), ...g.steps]);
};
