import { sizeOf } from "../../../src/core/tensor.ts";
import { between, type Context, held, type Held, type Move, pick } from "../context.ts";

const last = ({ shape }: Held): number => shape.at(-1) ?? 1;

const dense: Move = { title: "MatMul with a weight", make: ({ m, x, draws, weight }) => { const to = between(draws, 1, 5); return held(m.call("MatMul", [x.name, weight([last(x), to])]), [...x.shape.slice(0, -1), to]); } };

const gemm: Move = {
  title: "Gemm", make: ({ m, x, draws, weight }) => {
    if (x.shape.length !== 1) return undefined;
    const to = between(draws, 1, 5);
    return held(m.call("Gemm", [x.name, weight([to, last(x)]), weight([to])], { transB: 1, alpha: { float: pick(draws, [1, 0.5]) } }), [to]);
  },
};

const fromLeft: Move = { title: "a weight times", make: ({ m, x, draws, weight }) => { const to = between(draws, 1, 4); return x.shape.length === 2 ? held(m.call("MatMul", [weight([to, x.shape[0] ?? 1]), x.name]), [to, last(x)]) : undefined; } };

/** All positions counted as samples, through a dense layer and back. */
const merged: Move = {
  title: "dense over merged positions", make: ({ m, x, draws, weight }) => {
    if (x.shape.length < 2) return undefined;
    const to = between(draws, 1, 4);
    const shape = [...x.shape.slice(0, -1), to];
    const flat = m.call("Reshape", [x.name, m.ints([-1, last(x)])]);
    const made = m.call("Add", [m.call("MatMul", [flat, weight([last(x), to])]), weight([to])]);
    return held(m.call("Reshape", [made, m.ints([-1, ...shape])]), shape);
  },
};

const einsum: Move = { title: "Einsum", make: ({ m, x, draws, weight }) => { const to = between(draws, 1, 4); return x.shape.length === 2 ? held(m.call("Einsum", [x.name, weight([last(x), to])], { equation: "bti,io->bot" }), [to, x.shape[0] ?? 1]) : undefined; } };

/** Positions after a convolution; undefined where the kernel does not fit. */
const sizes = (shape: readonly number[], kernel: number, stride: number, dilation: number, pad: number): number[] => shape.map((d) => Math.floor((d + pad - (kernel - 1) * dilation - 1) / stride) + 1);

const convolution: Move = {
  title: "Conv", make: ({ m, x, draws, weight }) => {
    const [channels = 1, ...space] = x.shape;
    if (space.length === 0) return undefined;
    const [kernel, stride, dilation, pad] = [between(draws, 1, 3), between(draws, 1, 2), between(draws, 1, 2), between(draws, 0, 1)];
    const group = draws.uniform() < 0.4 ? channels : 1;
    const out = group * between(draws, 1, group === 1 ? 4 : 2);
    const after = sizes(space, kernel, stride, dilation, pad);
    if (after.some((d) => d < 1)) return undefined;
    const inputs = [x.name, weight([out, channels / group, ...space.map(() => kernel)]), ...(draws.uniform() < 0.5 ? [weight([out])] : [])];
    return held(m.call("Conv", inputs, { kernel_shape: space.map(() => kernel), strides: space.map(() => stride), dilations: space.map(() => dilation), group, pads: [...space.map(() => pad), ...space.map(() => 0)] }), [out, ...after]);
  },
};

const transposed: Move = {
  title: "ConvTranspose", single: true, make: ({ m, x, draws, weight }) => {
    const [channels = 1, ...space] = x.shape;
    if (space.length === 0) return undefined;
    const [kernel, stride] = [between(draws, 1, 3), between(draws, 1, 2)];
    const group = draws.uniform() < 0.3 ? channels : 1;
    const out = between(draws, 1, 2);
    return held(m.call("ConvTranspose", [x.name, weight([channels, out, ...space.map(() => kernel)])], { kernel_shape: space.map(() => kernel), strides: space.map(() => stride), group }), [out * group, ...space.map((d) => (d - 1) * stride + kernel)]);
  },
};

const pooled = (op: string, more: Partial<Move>): Move => ({
  title: op, ...more, make: ({ m, x, draws }) => {
    const [channels = 1, ...space] = x.shape;
    const stride = between(draws, 1, 2);
    return space.length === 0 || space.some((d) => d < 2) ? undefined : held(m.call(op, [x.name], { kernel_shape: space.map(() => 2), strides: space.map(() => stride) }), [channels, ...sizes(space, 2, stride, 1, 0)]);
  },
});

/** A large ε: what hardly varies is not blown up with its rounding. */
const normalised = (op: string, scaleOf: (x: Held) => readonly number[], fits: (x: Held) => boolean, attributes: Record<string, number> = {}): Move => ({
  title: op, make: ({ m, x, weight }) => (fits(x) ? held(m.call(op, [x.name, weight(scaleOf(x), 1), weight(scaleOf(x))], { epsilon: { float: 0.1 }, ...attributes }), x.shape) : undefined),
});

const overSpace = ({ shape }: Held): boolean => shape.length > 1 && sizeOf(shape.slice(1)) > 2;

const batchNorm: Move = {
  title: "BatchNormalization", make: ({ m, x, weight }) => {
    const width = x.shape[0] ?? 1;
    return held(m.call("BatchNormalization", [x.name, weight([width], 1), weight([width]), m.floats(Array.from({ length: width }, (_, i) => 0.1 * i)), m.floats(Array.from({ length: width }, (_, i) => 1 + 0.3 * i))]), x.shape);
  },
};

const recurrent: Move = {
  title: "recurrent", make: ({ m, x, draws, weight }) => {
    const [times = 1, inputs = 1] = x.shape;
    if (x.shape.length !== 2 || times > 4) return undefined;
    const [op, gates] = pick(draws, [["RNN", 1], ["GRU", 3], ["LSTM", 4]] as const);
    const hidden = between(draws, 1, 3);
    const time = m.call("Transpose", [x.name], { perm: [1, 0, 2] });
    const states = m.call(op, [time, weight([1, gates * hidden, inputs]), weight([1, gates * hidden, hidden]), weight([1, 2 * gates * hidden])], { hidden_size: hidden, direction: pick(draws, ["forward", "reverse"]) });
    return held(m.call("Reshape", [m.call("Transpose", [states], { perm: [2, 0, 1, 3] }), m.ints([-1, times, hidden])]), [times, hidden]);
  },
};

const attention = ({ m, x, weight }: Context): Held | undefined => {
  if (x.shape.length !== 2) return undefined;
  const keys = m.call("MatMul", [x.name, weight([last(x), last(x)])]);
  const scores = m.call("MatMul", [x.name, m.call("Transpose", [keys], { perm: [0, 2, 1] })]);
  return held(m.call("MatMul", [m.call("Softmax", [scores], { axis: -1 }), x.name]), x.shape);
};

export const layers: readonly Move[] = [
  dense, gemm, fromLeft, merged, einsum, convolution, transposed, pooled("MaxPool", { kinked: true }), pooled("AveragePool", { single: true }),
  normalised("LayerNormalization", ({ shape }) => shape.slice(-1), (x) => last(x) > 2, { axis: -1 }), normalised("InstanceNormalization", ({ shape }) => shape.slice(0, 1), overSpace),
  normalised("GroupNormalization", ({ shape }) => shape.slice(0, 1), overSpace, { num_groups: 1 }), batchNorm, recurrent, { title: "attention", make: attention },
];
