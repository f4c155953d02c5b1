import { int32 } from "../tensors.ts";
import { type Attribute } from "../../../src/onnx/graph.ts";
import type { PlainAttributes } from "../../../src/onnx/program-writer.ts";
import { type RuleCase, fixed, one, v } from "../case.ts";

const KINDS = [["RNN", 1], ["GRU", 3], ["LSTM", 4]] as const;
const [TIMES, BATCH, INPUTS, HIDDEN] = [4, 3, 2, 3];

const small = (shape: readonly number[]) => v(shape, (source) => 0.5 * source.normal());

/** X, W, R, and what is asked for of B, sequence lengths, initial states and peepholes. */
const operands = (gates: number, directions: number, { bias = false, lengths = false, states = false, peepholes = false } = {}) => [
  v([TIMES, BATCH, INPUTS]), small([directions, gates * HIDDEN, INPUTS]), small([directions, gates * HIDDEN, HIDDEN]),
  bias ? small([directions, 2 * gates * HIDDEN]) : undefined, lengths ? fixed(int32([BATCH], [2, 4, 3])) : undefined,
  ...(states ? [small([directions, BATCH, HIDDEN]), ...(gates === 4 ? [small([directions, BATCH, HIDDEN])] : [])] : gates === 4 ? [undefined, undefined] : [undefined]),
  ...(peepholes ? [small([directions, 3 * HIDDEN])] : []),
];

const strings = (value: readonly string[]): Attribute => ({ type: "strings", value });
const numbers = (value: readonly number[]): Attribute => ({ type: "floats", value });

const each = ([op, gates]: (typeof KINDS)[number]): RuleCase[] => {
  const outputs = gates === 4 ? 3 : 2;
  const make = (title: string, directions: number, asked: Parameters<typeof operands>[2], attributes: PlainAttributes = {}) => one(op, title, operands(gates, directions, asked), { attributes: { hidden_size: HIDDEN, ...attributes }, outputs });
  return [
    make("forward, weights only", 1, {}),
    make("reverse, with bias and initial states", 1, { bias: true, states: true }, { direction: "reverse" }),
    make("both directions, sequences of different length", 2, { bias: true, lengths: true, states: true }, { direction: "bidirectional" }),
    make("clipped, other activations", 1, { bias: true }, {
      clip: { float: 0.6 }, activations: strings(["HardSigmoid", "Softsign", "ScaledTanh"].slice(0, gates === 4 ? 3 : gates === 3 ? 2 : 1)), activation_alpha: numbers([0.3, 1.2]), activation_beta: numbers([0.4, 0.8]),
    }),
  ];
};

export const recurrent: readonly RuleCase[] = [
  ...KINDS.flatMap(each),
  one("GRU", "linear before reset", operands(3, 1, { bias: true }), { attributes: { hidden_size: HIDDEN, linear_before_reset: 1 }, outputs: 2 }),
  one("LSTM", "peepholes", operands(4, 1, { bias: true, peepholes: true }), { attributes: { hidden_size: HIDDEN }, outputs: 3 }),
  one("LSTM", "the forget gate is 1 − i", operands(4, 1, { bias: true }), { attributes: { hidden_size: HIDDEN, input_forget: 1 }, outputs: 3 }),
];
