import { random, type Random } from "../../src/core/random.ts";
import { sizeOf } from "../../src/core/tensor.ts";
import { drawnBatches, type Input, Maker } from "../families/maker.ts";
import type { GramSubject } from "../families/gram-check.ts";
import { openRuntime } from "../../src/runtime/ort.ts";
import { between, type Context, held, type Held, type Move, pick } from "./context.ts";
import { elementwise } from "./moves/elementwise.ts";
import { layers } from "./moves/layers.ts";
import { movements } from "./moves/movement.ts";

const SHAPES: readonly (readonly number[])[] = [[5], [3, 4], [2, 6], [2, 4, 4], [3, 3, 3], [4, 2, 2]];

const SAMPLES = 3;
const OUTPUTS = 2;
const OPSET = 21;

const runtime = openRuntime("cpu", 1);

/** A trained tensor as networks use them: mostly as it is, else made from another. */
const weightMaker = (m: Maker, draws: Random): Context["weight"] => {
  const known = new Map<string, string>();
  const fresh = (shape: readonly number[], mean: number): string => {
    const name = m.weight(`w${m.weights.length}`, shape, { mean, scale: 0.6 / Math.sqrt(Math.max(1, sizeOf(shape.slice(1)))) });
    known.set(`${mean}:${shape.join()}`, name);
    return name;
  };
  return (shape, mean = 0) => {
    const tied = known.get(`${mean}:${shape.join()}`);
    if (tied !== undefined && draws.uniform() < 0.3) return tied;
    const way = draws.uniform();
    if (way < 0.1 && shape.length === 2) return m.call("Transpose", [fresh([...shape].reverse(), mean)], { perm: [1, 0] });
    if (way < 0.15) return m.call("Mul", [fresh(shape, mean), fresh([], 1)]);
    if (way < 0.2) return m.call("Add", [m.call("Sin", [fresh(shape, 0)]), m.scalar(mean)]);
    if (way < 0.25 && shape.length > 0) return m.call("Slice", [fresh([(shape[0] ?? 1) + 1, ...shape.slice(1)], mean), m.ints([1]), m.ints([(shape[0] ?? 1) + 1]), m.ints([0])]);
    return fresh(shape, mean);
  };
};

/** Moves that this graph may take: either with kinks, and only what has float64 kernels; or smooth, and anything. */
const allowed = (draws: Random): ((move: Move) => boolean) => (draws.uniform() < 0.65 ? (move) => move.single !== true : (move) => move.kinked !== true);

const grow = (m: Maker, draws: Random, start: Held): { readonly leaves: readonly Held[]; readonly taken: readonly string[] } => {
  const weight = weightMaker(m, draws);
  const fits = allowed(draws);
  const moves = [elementwise, movements, layers].map((group) => group.filter(fits));
  const steps = between(draws, 4, 10);
  const values = [start];
  const leaves = new Set([start]);
  const taken: string[] = [];
  for (let tries = 0; taken.length < steps && tries < 60; tries++) {
    const x = draws.uniform() < 0.7 ? (values.at(-1) ?? start) : pick(draws, values);
    const same = values.filter((v) => v !== x && v.shape.join() === x.shape.join());
    const other = same.length > 0 ? pick(draws, same) : x;
    const move = pick(draws, pick(draws, moves));
    const made = move.make({ m, draws, x, other, weight });
    if (!made) continue;
    taken.push(move.title);
    values.push(made);
    leaves.delete(x);
    leaves.add(made);
  }
  return { leaves: [...leaves], taken };
};

/** A graph drawn from a seed. Everything that nothing reads goes through a dense layer into the outputs. */
export const compose = (seed: number): GramSubject & { readonly taken: readonly string[] } => {
  const draws = random(seed, "graph");
  const input: Input = { shape: pick(draws, SHAPES) };
  const m = new Maker(seed, input, OPSET);
  const start = held(m.x, input.shape);
  if (!start) throw new Error("inputs are small");
  const { leaves, taken } = grow(m, draws, start);
  const heads = leaves.map(({ name, shape }, i) => m.call("MatMul", [m.call("Reshape", [name, m.ints([-1, sizeOf(shape)])]), m.weight(`head${i}`, [sizeOf(shape), OUTPUTS])]));
  const output = heads.reduce((sum, head) => m.call("Add", [sum, head]), m.weight("bias", [OUTPUTS]));
  return { runtime, model: m.finish(output), parameters: m.weights, batches: drawnBatches(seed, SAMPLES, input), samples: SAMPLES, batch: 2, taken };
};
