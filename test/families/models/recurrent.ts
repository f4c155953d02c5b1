import type { PlainAttributes } from "../../../src/onnx/program-writer.ts";
import type { Family } from "../family.ts";
import { dense, mean, permute, reshape, slice } from "../layers.ts";
import type { Maker } from "../maker.ts";

const GATES = { RNN: 1, GRU: 3, LSTM: 4 } as const;
type Cell = keyof typeof GATES;
const HIDDEN = 3;

interface Asked {
  readonly bias?: boolean;
  readonly directions?: number;
  readonly attributes?: PlainAttributes;
}

/** Weights, recurrent weights and bias under the names of one layer. */
const weights = (m: Maker, cell: Cell, name: string, inputs: number, { bias = true, directions = 1 }: Asked): string[] => {
  const width = GATES[cell] * HIDDEN;
  return [m.weight(`${name}.w`, [directions, width, inputs], { scale: 0.5 }), m.weight(`${name}.r`, [directions, width, HIDDEN], { scale: 0.5 }), ...(bias ? [m.weight(`${name}.b`, [directions, 2 * width], { scale: 0.3 })] : [])];
};

/** A layer over x [T, n, inputs]: all states [T, D, n, H] and the last [D, n, H]. */
const layer = (m: Maker, cell: Cell, x: string, name: string, inputs: number, asked: Asked = {}): readonly string[] =>
  m.calls(cell, [x, ...weights(m, cell, name, inputs, asked)], { hidden_size: HIDDEN, ...((asked.directions ?? 1) === 2 ? { direction: "bidirectional" } : {}), ...asked.attributes }, { outputs: cell === "LSTM" ? 3 : 2 });

const timeFirst = (m: Maker): string => permute(m, m.x, [1, 0, 2]);

/** The last state [D, n, H] as [n, D·H], and a head. */
const head = (m: Maker, last: string, directions: number): string => dense(m, reshape(m, permute(m, last, [1, 0, 2]), [-1, directions * HIDDEN]), "head", directions * HIDDEN, 2);

const plain = (cell: Cell, title: string, asked: Asked): Family => ({ title: `${cell}, ${title}`, shape: [4, 2], build: (m) => head(m, layer(m, cell, timeFirst(m), "cell", 2, asked)[1] ?? "", asked.directions ?? 1) });

export const recurrents: readonly Family[] = [
  ...(["RNN", "GRU", "LSTM"] as const).flatMap((cell) => [plain(cell, "its last state", {}), plain(cell, "both directions", { directions: 2 }), plain(cell, "without bias, in reverse", { bias: false, attributes: { direction: "reverse" } })]),
  plain("GRU", "linear before reset, as PyTorch's", { attributes: { linear_before_reset: 1 } }),
  { title: "two layers of LSTM, the mean over time", shape: [4, 2], build: (m) => dense(m, mean(m, reshape(m, layer(m, "LSTM", reshape(m, layer(m, "LSTM", timeFirst(m), "first", 2)[0] ?? "", [4, -1, HIDDEN]), "second", HIDDEN)[0] ?? "", [4, -1, HIDDEN]), [0]), "head", HIDDEN, 2) },
  {
    title: "words into a GRU", shape: [4], tokens: 6, build: (m) => head(m, layer(m, "GRU", permute(m, m.call("Gather", [m.weight("embedding", [6, 2], { scale: 1 }), m.x], { axis: 0 }), [1, 0, 2]), "cell", 2)[1] ?? "", 1),
  },
  {
    title: "a cell written out step by step", shape: [3, 2], build: (m) => {
      const [w, r, b] = [m.weight("w", [2, HIDDEN]), m.weight("r", [HIDDEN, HIDDEN]), m.weight("b", [HIDDEN])];
      const at = (t: number): string => m.call("Squeeze", [slice(m, m.x, t, t + 1, 1), m.ints([1])]);
      return [0, 1, 2].reduce<string | undefined>((h, t) => m.call("Tanh", [m.call("Add", [h === undefined ? m.call("MatMul", [at(t), w]) : m.call("Add", [m.call("MatMul", [at(t), w]), m.call("MatMul", [h, r])]), b])]), undefined) ?? "";
    },
  },
];
