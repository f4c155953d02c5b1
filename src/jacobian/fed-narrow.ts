import type { SampleAxis } from "../autodiff/factor.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import { type Program, sameShape, type Step, type Value } from "../onnx/value.ts";
import { repeatSamples } from "./repeat.ts";
import type { SampleAxes } from "./sample-axes.ts";

/** A value of the first stage that the second reads for C cotangents of each sample. */
interface Taken {
  readonly narrow: Value;
  readonly where: SampleAxis;
}

const ELEMENTWISE = new Set(["Mul", "Add", "Sub", "Div"]);

/**
 * An elementwise step of a value for all cotangents with one that is the same for all of them: broadcast over an axis of cotangents, so that
 * nothing is repeated in memory. undefined where the step is not one.
 */
const broadcast = (step: Step, taken: ReadonlyMap<string, Taken>, together: number, g: GraphBuilder): readonly Value[] | undefined => {
  const [a, b] = step.inputs;
  const [y] = step.outputs;
  if (!a || !b || !y || step.domain !== "" || !ELEMENTWISE.has(step.op)) return undefined;
  const own = taken.get(a.name) ?? taken.get(b.name);
  if (!own || (taken.has(a.name) && taken.has(b.name)) || !sameShape(a.shape, y.shape) || !sameShape(b.shape, y.shape)) return undefined;
  const { axis, inner } = own.where;
  const split = (cotangents: number): number[] => [...y.shape.slice(0, axis), (own.narrow.shape[axis] ?? 0) / inner, cotangents, inner, ...y.shape.slice(axis + 1)];
  const operand = (value: Value): Value => (taken.has(value.name) ? g.reshape(own.narrow, split(1)) : g.reshape(value, split(together)));
  const result = g.op(step.op, [operand(a), operand(b)], split(together), y.dtype, step.attributes);
  return g.call("Reshape", [result, g.ints(y.shape)], { allowzero: 1 }, [{ ...y }]);
};

/**
 * The second stage fed at the size of the first: every value that it takes over and that has samples is repeated for the C cotangents, or
 * broadcast where a step allows. `known`: the narrow network's values by name, `axes`: where their samples lie; null where that is not known
 * of one.
 */
export const fedNarrow = (second: Program, known: ReadonlyMap<string, Value>, axes: SampleAxes, together: number): Program | null => {
  const grown = second.inputs.flatMap((value) => {
    const narrow = known.get(value.name);
    return narrow && !sameShape(narrow.shape, value.shape) ? [{ narrow, where: axes.get(narrow.name) }] : [];
  });
  const taken = new Map(grown.flatMap(({ narrow, where }) => (where ? [[narrow.name, { narrow, where }] as const] : [])));
  if (taken.size < grown.length) return null;
  const g = new GraphBuilder("repeat:");
  const repeated = new Map([...taken].map(([name, { narrow, where }]) => [name, repeatSamples(narrow, where, together, g)]));
  const h = new GraphBuilder("spread:");
  const steps = second.steps.flatMap((step): readonly Step[] => {
    const before = h.steps.length;
    if (broadcast(step, taken, together, h)) return h.steps.slice(before);
    return [{ ...step, inputs: step.inputs.map((value) => value && (repeated.get(value.name) ?? value)) }];
  });
  return { inputs: second.inputs.map((value) => taken.get(value.name)?.narrow ?? value), steps: [...g.steps, ...steps], outputs: second.outputs };
};
