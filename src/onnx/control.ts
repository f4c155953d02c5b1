import type { GraphBuilder } from "./builder.ts";
import type { Program, Value } from "./value.ts";

/**
 * Runs `body` once for each entry along the first axis of the sequences: its inputs are one entry of each. Returns, for each of the body's
 * outputs, all its results along a new first axis, written in place by ONNX Runtime. The body may read values made before.
 * @source ONNX operator specification, Scan.
 */
export const scan = (g: GraphBuilder, sequences: readonly Value[], body: Program): readonly Value[] => {
  const length = sequences[0]?.shape[0] ?? 0;
  return g.callWith("Scan", sequences, { body }, body.outputs.map(({ shape, dtype }) => ({ shape: [length, ...shape], dtype })), { num_scan_inputs: sequences.length });
};

/** What one turn of `turns` computes from its number (an int64 scalar) and the states before it: the states after it. */
export type Turn = (h: GraphBuilder, turn: Value, states: readonly Value[]) => readonly Value[];

/**
 * The states after `count` turns from `initial`. `make` gives a builder with a prefix of its own; a turn may read values made before.
 * @source ONNX operator specification, Loop.
 */
export const turns = (g: GraphBuilder, make: (prefix: string) => GraphBuilder, count: number, initial: readonly Value[], one: Turn): readonly Value[] => {
  const h = make(`${g.name("turn")}:`);
  const turn: Value = { name: `${h.prefix}number`, shape: [], dtype: "int64" };
  const going: Value = { name: `${h.prefix}going`, shape: [], dtype: "bool" };
  const before = initial.map(({ shape, dtype }, i): Value => ({ name: `${h.prefix}state${i}`, shape, dtype }));
  const after = one(h, turn, before);
  const body: Program = { inputs: [turn, going, ...before], steps: h.steps, outputs: [h.op("Identity", [going], [], "bool"), ...after] };
  const trips = g.constant({ dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(count)) });
  const yes = g.constant({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
  return g.callWith("Loop", [trips, yes, ...initial], { body }, initial.map(({ shape, dtype }) => ({ shape, dtype })));
};
