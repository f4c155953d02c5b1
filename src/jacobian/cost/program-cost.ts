import { neededSteps, readsOf } from "../../onnx/needed.ts";
import { bytesOf } from "../../onnx/program-writer.ts";
import type { Program, Step } from "../../onnx/value.ts";
import { isView, stepCost } from "./step-cost.ts";

/** FLOPs by the arithmetic they are done in. */
export interface Flops {
  readonly single: number;
  readonly double: number;
}

/** What one run of a program costs: exact counts, since every shape is known. */
export interface ProgramCost {
  /** FLOPs of matrix products and convolutions. */
  readonly products: Flops;
  /** FLOPs of everything else, one for each entry. */
  readonly entries: number;
  /** Bytes that everything else reads and writes. */
  readonly moved: number;
  /** Bytes of the largest set of values that are alive at once, results included and inputs not, if steps run in the order written. */
  readonly live: number;
  /** Bytes of what the steps read and none of them makes: weights, samples and directions, which a device has a copy of. */
  readonly fed: number;
  /** Bytes of the results, which are copied out of the run. */
  readonly results: number;
  /** Steps that are run. */
  readonly steps: number;
}

/** Where each value is made from, through views: what shares one buffer. */
const owners = (steps: readonly Step[]): ReadonlyMap<string, string> => {
  const owner = new Map<string, string>();
  for (const step of steps) {
    const [from] = step.inputs;
    const [to] = step.outputs;
    if (isView(step) && from && to) owner.set(to.name, owner.get(from.name) ?? from.name);
  }
  return owner;
};

/** The most bytes alive at once: a value lives from the step that makes it to the last that reads it or a view of it. */
const liveBytes = (steps: readonly Step[], outputs: Program["outputs"]): number => {
  const owner = owners(steps);
  const of = (name: string): string => owner.get(name) ?? name;
  const last = new Map<string, number>();
  steps.forEach((step, at) => { for (const value of readsOf(step)) last.set(of(value.name), at); });
  for (const output of outputs) last.set(of(output.name), steps.length);
  const freed = new Map<number, number>();
  let [alive, most] = [0, 0];
  steps.forEach((step, at) => {
    if (!isView(step)) {
      for (const output of step.outputs) {
        const bytes = bytesOf(output);
        alive += bytes;
        const end = last.get(output.name) ?? at;
        freed.set(end, (freed.get(end) ?? 0) + bytes);
      }
    }
    most = Math.max(most, alive);
    alive -= freed.get(at) ?? 0;
  });
  return most;
};

/** Bytes of the values that steps read and none of them makes, each once. */
const fedBytes = (steps: readonly Step[]): number => {
  const made = new Set(steps.flatMap((step) => step.outputs.map((o) => o.name)));
  const fed = new Map(steps.flatMap(readsOf).flatMap((value) => (made.has(value.name) ? [] : [[value.name, bytesOf(value)] as const])));
  return [...fed.values()].reduce((sum, bytes) => sum + bytes, 0);
};

/** Counts one run of a program. Cost: linear in its steps. */
export const programCost = (program: Pick<Program, "steps" | "outputs">): ProgramCost => {
  const steps = neededSteps(program.steps, program.outputs);
  const products = { single: 0, double: 0 };
  let [entries, moved] = [0, 0];
  for (const step of steps) {
    const cost = stepCost(step);
    products[step.outputs[0]?.dtype === "float64" ? "double" : "single"] += cost.product;
    entries += cost.entries;
    moved += cost.moved;
  }
  return { products, entries, moved, live: liveBytes(steps, program.outputs), fed: fedBytes(steps), results: program.outputs.reduce((sum, o) => sum + bytesOf(o), 0), steps: steps.length };
};

/** FLOPs of a run in all. */
export const flopsOf = ({ products, entries }: ProgramCost): number => products.single + products.double + entries;

/** The cost of `count` vectors from a cost to begin with and that of one vector more: each further one adds the same. */
export const forVectors = (one: ProgramCost, two: ProgramCost, count: number): ProgramCost => {
  const line = (a: number, b: number): number => a + (count - 1) * (b - a);
  return {
    products: { single: line(one.products.single, two.products.single), double: line(one.products.double, two.products.double) },
    entries: line(one.entries, two.entries), moved: line(one.moved, two.moved), live: line(one.live, two.live), fed: line(one.fed, two.fed), results: line(one.results, two.results), steps: line(one.steps, two.steps),
  };
};
