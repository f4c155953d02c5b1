import type { GraphBuilder } from "../builder.ts";
import type { Operand, Value } from "../value.ts";

/** An activation function of a recurrent node, applied after the optional clip of its argument. */
export type Activation = (x: Value) => Value;

/** What one direction of a recurrent node computes with; weights with inputs first: W [I, gates·H], R [H, gates·H], biases [gates·H]. */
export interface Cell {
  readonly g: GraphBuilder;
  readonly hidden: number;
  readonly recurrence: Value;
  readonly inputBias: Operand;
  readonly recurrentBias: Operand;
  readonly peepholes: Operand;
  readonly activations: readonly Activation[];
  readonly linearBeforeReset: boolean;
  readonly inputForget: boolean;
}

export interface State { readonly h: Value; readonly c: Operand }

/** One step: x·W [B, gates·H] and the state before it, to the state after it. */
export type Step = (cell: Cell, projected: Value, state: State) => State;

const gate = ({ g, hidden }: Cell, all: Value, place: number): Value => g.slice(all, [place * hidden], [(place + 1) * hidden], [all.shape.length - 1]);

const plus = (g: GraphBuilder, a: Value, b: Operand): Value => (b ? g.add(a, b) : a);

const applied = ({ activations }: Cell, place: number, x: Value): Value => {
  const activation = activations[place];
  if (!activation) throw new Error("every gate has an activation");
  return activation(x);
};

/** h′ = f(xW + hR + b) */
export const rnnStep: Step = (cell, projected, { h }) => {
  const { g } = cell;
  const sum = g.add(projected, g.matMul(h, cell.recurrence));
  return { h: applied(cell, 0, plus(g, plus(g, sum, cell.inputBias), cell.recurrentBias)), c: undefined };
};

/**
 * Gates z, r, h:  z = f(x_z + hR_z + b),  r = f(x_r + hR_r + b),  h̃ = g(x_h + (r⊙h)R_h + b) or, linear before reset,
 * g(x_h + b + r⊙(hR_h + b′)),  h′ = (1 − z)⊙h̃ + z⊙h. @source Cho et al. 2014, arXiv:1406.1078.
 */
export const gruStep: Step = (cell, projected, { h }) => {
  const { g } = cell;
  const x = plus(g, projected, cell.inputBias);
  const part = (value: Operand, place: number): Operand => value && gate(cell, value, place);
  const candidateWeight = gate(cell, cell.recurrence, 2);
  const gates = g.slice(cell.recurrence, [0], [2 * cell.hidden], [1]);
  const recurrent = g.matMul(h, gates);
  const at = (place: number): Value => applied(cell, 0, plus(g, g.add(gate(cell, x, place), gate(cell, recurrent, place)), part(cell.recurrentBias, place)));
  const update = at(0);
  const reset = at(1);
  const bias = part(cell.recurrentBias, 2);
  const inner = cell.linearBeforeReset ? g.mul(reset, plus(g, g.matMul(h, candidateWeight), bias)) : plus(g, g.matMul(g.mul(reset, h), candidateWeight), bias);
  const candidate = applied(cell, 1, g.add(gate(cell, x, 2), inner));
  return { h: g.add(g.mul(g.sub(g.scalar(1, update), update), candidate), g.mul(update, h)), c: undefined };
};

/**
 * Gates i, o, f, c with peepholes p:  i = f(… + p_i⊙c),  f = f(… + p_f⊙c) or 1 − i,  c′ = f⊙c + i⊙g(…),  o = f(… + p_o⊙c′),  h′ = o⊙h(c′).
 * @source Hochreiter & Schmidhuber 1997; Gers & Schmidhuber 2000 (peepholes).
 */
export const lstmStep: Step = (cell, projected, { h, c }) => {
  const { g } = cell;
  if (!c) throw new Error("an LSTM has a cell state");
  const sum = plus(g, plus(g, g.add(projected, g.matMul(h, cell.recurrence)), cell.inputBias), cell.recurrentBias);
  const seen = (place: number, peephole: number, state: Value): Value => plus(g, gate(cell, sum, place), cell.peepholes && g.mul(gate(cell, cell.peepholes, peephole), state));
  const input = applied(cell, 0, seen(0, 0, c));
  const forget = cell.inputForget ? g.sub(g.scalar(1, input), input) : applied(cell, 0, seen(2, 2, c));
  const next = g.add(g.mul(forget, c), g.mul(input, applied(cell, 1, gate(cell, sum, 3))));
  const output = applied(cell, 0, seen(1, 1, next));
  return { h: g.mul(output, applied(cell, 2, next)), c: next };
};
