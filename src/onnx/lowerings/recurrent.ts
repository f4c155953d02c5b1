import { LensError } from "../../core/errors.ts";
import type { GraphBuilder } from "../builder.ts";
import { describe, floatAttribute, intAttribute, type Node, stringAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import type { Operand, Value } from "../value.ts";
import { type Activation, type Cell, gruStep, lstmStep, rnnStep, type State, type Step } from "./recurrent-cells.ts";

interface Kind { readonly op: string; readonly gates: number; readonly activations: readonly string[]; readonly step: Step; readonly hasCell: boolean }

const KINDS: readonly Kind[] = [
  { op: "RNN", gates: 1, activations: ["Tanh"], step: rnnStep, hasCell: false },
  { op: "GRU", gates: 3, activations: ["Sigmoid", "Tanh"], step: gruStep, hasCell: false },
  { op: "LSTM", gates: 4, activations: ["Sigmoid", "Tanh", "Tanh"], step: lstmStep, hasCell: true },
];

/** Defaults of α and β by activation; a function takes its α and β from the node's lists in order, if it has any. */
const CONSTANTS: Readonly<Record<string, readonly [alpha: number | undefined, beta: number | undefined]>> = {
  affine: [1, 0], leakyrelu: [0.01, undefined], thresholdedrelu: [1, undefined], scaledtanh: [1, 1], hardsigmoid: [0.2, 0.5], elu: [1, undefined],
};

const STANDARD: Readonly<Record<string, string>> = { relu: "Relu", tanh: "Tanh", sigmoid: "Sigmoid", softsign: "Softsign", softplus: "Softplus", leakyrelu: "LeakyRelu", thresholdedrelu: "ThresholdedRelu", hardsigmoid: "HardSigmoid", elu: "Elu" };

const activationOf = (g: GraphBuilder, node: Node, name: string, alpha: number | undefined, beta: number | undefined): Activation => {
  const key = name.toLowerCase();
  if (key === "affine") return (x) => g.shift(g.scale(x, alpha ?? 1), beta ?? 0);
  if (key === "scaledtanh") return (x) => g.scale(g.unary("Tanh", g.scale(x, beta ?? 1)), alpha ?? 1);
  const op = STANDARD[key];
  if (op === undefined) throw new LensError("MODEL_ATTRIBUTE", `${describe(node)} names the activation "${name}", which ONNX does not define.`, "Check the model with onnx.checker, and export it again.");
  return (x) => g.op(op, [x], x.shape, x.dtype, { alpha: alpha === undefined ? undefined : { float: alpha }, beta: beta === undefined ? undefined : { float: beta } });
};

/** The activation functions of all directions in order, each after the node's clip. */
const activationsOf = (g: GraphBuilder, node: Node, defaults: readonly string[], directions: number): Activation[] => {
  const named = node.attributes.activations?.type === "strings" ? node.attributes.activations.value : Array.from({ length: directions }, () => defaults).flat();
  const list = (key: string): number[] => (node.attributes[key]?.type === "floats" ? [...node.attributes[key].value] : []);
  const alphas = list("activation_alpha");
  const betas = list("activation_beta");
  const clip = node.attributes.clip === undefined ? undefined : floatAttribute(node, "clip", 0);
  return named.map((name) => {
    const [alpha, beta] = CONSTANTS[name.toLowerCase()] ?? [undefined, undefined];
    const activation = activationOf(g, node, name, alpha === undefined ? undefined : (alphas.shift() ?? alpha), beta === undefined ? undefined : (betas.shift() ?? beta));
    return clip === undefined ? activation : (x) => activation(g.min(g.max(x, g.scalar(-clip, x)), g.scalar(clip, x)));
  });
};

/** One of the stacked directions: [D, …] → […]. */
const direction = (g: GraphBuilder, value: Operand, place: number): Operand => value && g.reshape(g.slice(value, [place], [place + 1], [0]), value.shape.slice(1));

interface Run { readonly steps: readonly Value[]; readonly last: State }

/** One direction over all steps, x [T, B, I]. Past the end of a sequence the state stays, and what is handed out is 0. */
const unroll = (kind: Kind, cell: Cell, x: Value, weight: Value, start: State, lengths: Operand): Run => {
  const { g } = cell;
  const [times = 0, batch = 1] = x.shape;
  const projected = g.matMul(x, weight);
  const steps: Value[] = [];
  let state = start;
  for (let t = 0; t < times; t++) {
    const next = kind.step(cell, g.reshape(g.slice(projected, [t], [t + 1], [0]), [batch, weight.shape[1] ?? 1]), state);
    if (lengths) {
      const running = g.reshape(g.greater(lengths, g.scalar(t, lengths)), [batch, 1]);
      steps.push(g.where(running, next.h, g.scalar(0, next.h)));
      state = { h: g.where(running, next.h, state.h), c: next.c && state.c && g.where(running, next.c, state.c) };
    } else {
      steps.push(next.h);
      state = next;
    }
  }
  return { steps, last: state };
};

/** Time in reverse: whole where all sequences are as long, else each sequence by its length. */
const reversed = (g: GraphBuilder, x: Value, lengths: Operand): Value => {
  if (lengths) return g.op("ReverseSequence", [x, lengths], x.shape, x.dtype, { time_axis: 0, batch_axis: 1 });
  const times = x.shape[0] ?? 0;
  return g.op("Gather", [x, g.ints(Array.from({ length: times }, (_, t) => times - 1 - t))], x.shape, x.dtype, { axis: 0 });
};

interface Directed { readonly sequence: Value; readonly last: State }

const runDirection = (context: LoweringContext, kind: Kind, x: Value, place: number, backward: boolean, activations: readonly Activation[]): Directed => {
  const { node, inputs, g } = context;
  const weight = direction(g, need(context, 1), place);
  const recurrence = direction(g, need(context, 2), place);
  if (!weight || !recurrence) throw new Error("weights are there");
  const hidden = recurrence.shape[1] ?? 1;
  const batch = x.shape[1] ?? 1;
  const bias = direction(g, inputs[3], place);
  const width = kind.gates * hidden;
  const lengths = inputs[4] && g.cast(inputs[4], "int64");
  const initial = (from: number): Value => direction(g, inputs[from], place) ?? g.expand(g.scalar(0, x), [1, hidden]);
  const cell: Cell = {
    g, hidden, recurrence: g.swapLast(recurrence), inputBias: bias && g.slice(bias, [0], [width], [0]), recurrentBias: bias && g.slice(bias, [width], [2 * width], [0]),
    peepholes: direction(g, inputs[7], place), activations, linearBeforeReset: intAttribute(node, "linear_before_reset", 0) !== 0, inputForget: intAttribute(node, "input_forget", 0) !== 0,
  };
  const seen = backward ? reversed(g, x, lengths) : x;
  const { steps, last } = unroll(kind, cell, seen, g.swapLast(weight), { h: initial(5), c: kind.hasCell ? initial(6) : undefined }, lengths);
  const sequence = g.concat(steps.map((h) => g.reshape(h, [1, batch, hidden])), 0);
  return { sequence: backward ? reversed(g, sequence, lengths) : sequence, last };
};

/** A recurrent node, step by step: X [T, B, I] → Y [T, D, B, H], last states [D, B, H]. A pass before has put time first. */
const recurrent = (kind: Kind) => lowering(kind.op, (context) => {
  const { node, g } = context;
  const x = need(context, 0);
  const way = stringAttribute(node, "direction", "forward");
  const backward = way === "bidirectional" ? [false, true] : [way === "reverse"];
  const activations = activationsOf(g, node, kind.activations, backward.length);
  const count = kind.activations.length;
  const runs = backward.map((isBackward, place) => runDirection(context, kind, x, place, isBackward, activations.slice(place * count, (place + 1) * count)));
  const stack = (values: readonly Value[], axis: number): Value => g.concat(values.map((v) => g.reshape(v, [...v.shape.slice(0, axis), 1, ...v.shape.slice(axis)])), axis);
  const sequence = stack(runs.map((r) => r.sequence), 1);
  const lastH = stack(runs.map((r) => r.last.h), 0);
  const cells = runs.flatMap((r) => r.last.c ?? []);
  const lastC = cells.length > 0 ? stack(cells, 0) : undefined;
  return [sequence, lastH, lastC];
});

export const recurrents = KINDS.map(recurrent);
