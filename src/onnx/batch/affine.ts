import type { Tensor } from "../../core/tensor.ts";
import type { Trace, TracedValue } from "../trace.ts";

/** A trace at two samples and one at three: what follows the batch size, and how. */
export interface Pair {
  readonly two: Trace;
  readonly three: Trace;
}

/** a + (batch − 2)·(b − a): what is a at two samples and b at three, and grows evenly. */
const onLine = (a: number, b: number, batch: number): number => a + (batch - 2) * (b - a);

/** The shape of a value at a batch size, each axis on the line through its two sizes. */
export const shapeAt = (a: TracedValue, b: TracedValue, batch: number): readonly number[] => a.shape.map((d, axis) => onLine(d, b.shape[axis] ?? d, batch));

/** Whether axes of a value keep their number and none shrinks as the batch grows. */
const growsEvenly = (a: TracedValue, b: TracedValue | undefined): boolean => a.dtype === b?.dtype && a.shape.length === b.shape.length && a.shape.every((d, axis) => (b.shape[axis] ?? 0) >= d);

/** Whether every value has a type, a rank and a size of each axis that can be extended to any batch. */
export const isEven = ({ two, three }: Pair): boolean => two.model === three.model && [...two.values].every(([name, value]) => growsEvenly(value, three.values.get(name)));

const bytesOf = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Whether two tensors agree in type, shape and every bit. */
export const sameTensor = (a: Tensor | undefined, b: Tensor | undefined): boolean => {
  if (a === b) return true;
  if (a?.dtype !== b?.dtype || a?.shape.join() !== b?.shape.join() || !a || !b) return false;
  const [x, y] = [bytesOf(a), bytesOf(b)];
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return x.length === y.length;
};

/**
 * The whole numbers of a constant at a batch size, each on the line through its two values: of Shape and of all that is sums and multiples
 * of it. Null where nothing is said: the number of entries follows the batch, or they are not whole numbers of 32 or 64 bits.
 */
export const integersAt = (a: Tensor, b: Tensor, batch: number): Tensor | null => {
  if (a.shape.join() !== b.shape.join()) return null;
  if (a.dtype === "int64" && b.dtype === "int64") return { ...a, data: a.data.map((value, i) => value + BigInt(batch - 2) * ((b.data[i] ?? value) - value)) };
  if (a.dtype === "int32" && b.dtype === "int32") return { ...a, data: a.data.map((value, i) => onLine(value, b.data[i] ?? value, batch)) };
  return null;
};

const sameValue = (a: TracedValue, b: TracedValue | undefined): boolean => a.dtype === b?.dtype && a.shape.join() === b.shape.join() && sameTensor(a.constant, b.constant);

/** Whether two traces of one model agree in every shape, type and constant. */
export const sameTrace = (a: Trace, b: Trace): boolean =>
  a.model === b.model && a.values.size === b.values.size && a.nodes.length === b.nodes.length && a.nodes.every((node, i) => node === b.nodes[i]) && [...a.values].every(([name, value]) => sameValue(value, b.values.get(name)));
