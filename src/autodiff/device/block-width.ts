import { floatsOf, type Tensor } from "../../core/tensor.ts";
import { GraphBuilder } from "../../onnx/builder.ts";
import { emit } from "../../onnx/emit.ts";
import type { Executor } from "../../onnx/executor.ts";
import type { Value } from "../../onnx/value.ts";
import { blockedConvolution, toBlocks } from "./blocked-convolution.ts";

const ramp = (shape: readonly number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return { dtype: "float32", shape, data: Float32Array.from({ length: size }, (_, i) => i) };
};

/** Numbers in [−1, 1] that no layout leaves in place. */
const waves = (shape: readonly number[]): Tensor => {
  const { data } = ramp(shape);
  return { dtype: "float32", shape, data: Float32Array.from(data as Float32Array, (i) => Math.sin(1 + 7 * i)) };
};

const run = async (executor: Executor, g: GraphBuilder, outputs: readonly Value[]): Promise<readonly ArrayLike<number>[]> => {
  const program = g.finish(outputs);
  const session = await executor.load(emit(program), { place: "host" });
  try {
    const results = await session.run(Object.fromEntries(program.inputs.map((i) => [i.name, i.constant ?? waves(i.shape)])));
    return outputs.map((o) => floatsOf(results[o.name]));
  } finally {
    await session.dispose();
  }
};

/** How many channels a block holds: the place of the second pixel of the first channel. */
const widthOf = async (executor: Executor): Promise<number> => {
  const g = new GraphBuilder();
  const [blocks = []] = await run(executor, g, [toBlocks(g, g.constant(ramp([1, 32, 1, 2]), "ramp"))]);
  return Array.from(blocks).indexOf(1);
};

/** Whether blocks of that width give what the plain operator gives. */
const agrees = async (executor: Executor, width: number): Promise<boolean> => {
  const g = new GraphBuilder();
  const [x, w] = [g.input("x", "float32", [2, 2 * width, 5, 4]), g.input("w", "float32", [width, 2 * width, 3, 3])];
  const plain = g.op("Conv", [x, w], [2, width, 3, 2], "float32", { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  const step = g.makerOf(plain);
  const blocked = step && blockedConvolution(width)(step, [x, w], g);
  if (!blocked) return false;
  const [a = [], b = []] = await run(executor, g, [plain, blocked]);
  return Array.from(a).every((value, i) => Math.abs(value - (b[i] ?? NaN)) <= 1e-4);
};

const probe = async (executor: Executor): Promise<number> => {
  try {
    const width = await widthOf(executor);
    return width > 1 && (await agrees(executor, width)) ? width : 0;
  } catch {
    return 0;
  }
};

const widths = new WeakMap<Executor, Promise<number>>();

/**
 * Channels in a block of the CPU provider's blocked convolutions (16 with AVX-512, 8 with AVX); 0 where it has none, which is no error. Found
 * by running one, and used only where its result is the plain operator's. Cost: two small sessions, once for each executor.
 */
export const blockWidth = (executor: Executor): Promise<number> => {
  const known = widths.get(executor) ?? probe(executor);
  widths.set(executor, known);
  return known;
};
