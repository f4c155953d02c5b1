import { sizeOf } from "../../../src/core/tensor.ts";
import { anyAxis, between, held, type Held, type Move, pick } from "../context.ts";

const replaced = (shape: readonly number[], axis: number, size: number): number[] => shape.map((d, i) => (i === axis ? size : d));

const shapesOf = (size: number): number[][] => [[size], ...[2, 3, 4].filter((d) => size % d === 0).flatMap((d) => [[d, size / d], [size / d, d]]), ...(size % 8 === 0 ? [[2, 2, size / 4], [size / 4, 2, 2]] : [])];

const slicing: Move = {
  title: "Slice",
  make: (context) => {
    const { m, x, draws } = context;
    const axis = anyAxis(context);
    const size = x.shape[axis] ?? 1;
    const step = pick(draws, [1, 1, 2, -1]);
    const [from, to] = step < 0 ? [size - 1, -1 - size] : [draws.integer(Math.ceil(size / 2)), size];
    const count = step < 0 ? size : Math.ceil((to - from) / step);
    return held(m.call("Slice", [x.name, m.ints([from]), m.ints([to]), m.ints([axis + 1]), m.ints([step])]), replaced(x.shape, axis, count));
  },
};

const padding: Move = {
  title: "Pad",
  make: (context) => {
    const { m, x, draws } = context;
    const axis = anyAxis(context);
    const size = x.shape[axis] ?? 1;
    const mode = pick(draws, size > 2 ? ["constant", "edge", "reflect"] : ["constant", "edge"]);
    const [before, after] = [between(draws, 0, 2), between(draws, 0, 1)];
    const pads = [0, ...replaced(x.shape.map(() => 0), axis, before), 0, ...replaced(x.shape.map(() => 0), axis, after)];
    return held(m.call("Pad", [x.name, m.ints(pads)], { mode }), replaced(x.shape, axis, size + before + after));
  },
};

const splitting: Move = {
  title: "Split",
  make: (context) => {
    const { m, x } = context;
    const axis = anyAxis(context);
    const size = x.shape[axis] ?? 1;
    if (size < 2) return undefined;
    const [a, b] = m.calls("Split", [x.name, m.ints([1, size - 1])], { axis: axis + 1 }, { outputs: 2 });
    return held(m.call("Mul", [a ?? "", b ?? ""]), replaced(x.shape, axis, size - 1));
  },
};

const reduction = (op: string, more: Partial<Move> = {}): Move => ({
  title: op,
  ...more,
  make: (context) => {
    const { m, x, draws } = context;
    const axis = anyAxis(context);
    const keepdims = x.shape.length === 1 || draws.uniform() < 0.4 ? 1 : 0;
    return held(m.call(op, [x.name, m.ints([axis + 1])], { keepdims }), keepdims === 1 ? replaced(x.shape, axis, 1) : x.shape.filter((_, i) => i !== axis));
  },
});

const gathered = (axisSize: number, count: number, draw: () => number): number[] => Array.from({ length: count }, () => draw() % axisSize);

/** Blocks of channels to space and back take [c, h, w]. */
const image = ({ shape }: Held): boolean => shape.length === 3;

export const movements: readonly Move[] = [
  { title: "Reshape", make: ({ m, x, draws }) => { const shape = pick(draws, shapesOf(sizeOf(x.shape))); return held(m.call("Reshape", [x.name, m.ints([-1, ...shape])]), shape); } },
  { title: "Transpose", make: ({ m, x, draws }) => { const order = Array.from(draws.permutation(x.shape.length)); return held(m.call("Transpose", [x.name], { perm: [0, ...order.map((i) => i + 1)] }), order.map((i) => x.shape[i] ?? 1)); } },
  { title: "Concat", make: (context) => { const axis = anyAxis(context); const { m, x, other } = context; return held(m.call("Concat", [x.name, other.name], { axis: axis + 1 }), replaced(x.shape, axis, 2 * (x.shape[axis] ?? 1))); } },
  { title: "Tile", make: (context) => { const axis = anyAxis(context); const { m, x } = context; return held(m.call("Tile", [x.name, m.ints([1, ...replaced(x.shape.map(() => 1), axis, 2)])]), replaced(x.shape, axis, 2 * (x.shape[axis] ?? 1))); } },
  { title: "Unsqueeze", make: ({ m, x, draws }) => { const axis = draws.integer(x.shape.length + 1); return x.shape.length > 2 ? undefined : held(m.call("Unsqueeze", [x.name, m.ints([axis + 1])]), [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]); } },
  {
    title: "Gather", make: (context) => {
      const { m, x, draws } = context;
      const axis = anyAxis(context);
      const count = between(draws, 1, 4);
      return held(m.call("Gather", [x.name, m.ints(gathered(x.shape[axis] ?? 1, count, () => draws.integer(100)))], { axis: axis + 1 }), replaced(x.shape, axis, count));
    },
  },
  { title: "CumSum", make: (context) => held(context.m.call("CumSum", [context.x.name, context.m.ints([anyAxis(context) + 1], [])], { exclusive: context.draws.integer(2), reverse: context.draws.integer(2) }), context.x.shape) },
  { title: "TopK", kinked: true, make: ({ m, x }) => { const last = x.shape.at(-1) ?? 1; const k = Math.min(2, last); return held(m.call("TopK", [x.name, m.ints([k])], { axis: -1 }, { outputs: 2 }), [...x.shape.slice(0, -1), k]); } },
  { title: "DepthToSpace", make: ({ m, x }) => { const [c = 1, h = 1, w = 1] = x.shape; return image(x) && c % 4 === 0 ? held(m.call("DepthToSpace", [x.name], { blocksize: 2 }), [c / 4, 2 * h, 2 * w]) : undefined; } },
  { title: "Resize", make: ({ m, x, draws }) => { const [c = 1, h = 1, w = 1] = x.shape; return image(x) ? held(m.call("Resize", [x.name, "", m.floats([1, 1, 2, 2])], { mode: pick(draws, ["nearest", "linear"]) }), [c, 2 * h, 2 * w]) : undefined; } },
  { title: "Trilu", make: ({ m, x, draws }) => (x.shape.length === 2 ? held(m.call("Trilu", [x.name], { upper: draws.integer(2) }), x.shape) : undefined) },
  slicing, padding, splitting,
  reduction("ReduceMean"), reduction("ReduceSum"), reduction("ReduceLogSumExp"), reduction("ReduceProd"), reduction("ReduceMax", { kinked: true }), reduction("ReduceMin", { kinked: true }),
];
