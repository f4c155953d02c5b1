import { LensError } from "../core/errors.ts";
import { random } from "../core/random.ts";
import { sizeOf } from "../core/tensor.ts";
import { gatherRows } from "../data/batches.ts";
import { restrictedTo } from "../jacobian/network.ts";
import { Products } from "../jacobian/products.ts";
import type { Executor } from "../onnx/executor.ts";
import type { Runtime } from "../runtime/session.ts";
import { norm } from "../linalg/norm.ts";
import type { OpenNetwork } from "./open-network.ts";
import type { Check } from "./result.ts";

/** Largest relative difference from the CPU that is taken for rounding: float32 sums in another order differ by 1e-6, kinks that flip by a little more. */
const TOLERANCE = 1e-4;

/** The same runtime with every graph on the CPU. */
const onHost = (runtime: Runtime): Executor => ({ capabilities: runtime.capabilities, load: (model, options) => runtime.load(model, { ...options, place: "host" }) });

/** ‖a − b‖/‖b‖; infinite where something is not a number. */
const difference = (a: readonly Float64Array[], b: readonly Float64Array[]): number => {
  const error = norm(a.map((part, i) => part.map((value, e) => value - (b[i]?.[e] ?? NaN))));
  const scale = norm(b);
  const relative = scale === 0 ? error : error / scale;
  return Number.isFinite(relative) ? relative : Infinity;
};

const worded = (error: number): string => (Number.isFinite(error) ? error.toExponential(1) : "values that are not numbers");

interface Part {
  readonly what: string;
  readonly error: number;
}

/** A vector of `count` samples, again and again, for `rows` of them. */
const again = (vector: Float64Array, count: number, rows: number): Float64Array => {
  const width = vector.length / count;
  return Float64Array.from({ length: rows * width }, (_, e) => vector[e % vector.length] ?? 0);
};

/** The transpose of `again`: what all rows of a sample have, summed. */
const folded = (vector: Float64Array, count: number, rows: number): Float64Array => {
  const sum = new Float64Array((vector.length / rows) * count);
  vector.forEach((value, e) => { sum[e % sum.length] = (sum[e % sum.length] ?? 0) + value; });
  return sum;
};

/**
 * One whole batch on the provider against the CPU in batches of `size`, and of each part the relative difference. Where that is less than the batch
 * its samples fill the batch again and again: every row that the device computes is looked at, and the process need not hold as many.
 */
const compare = async ({ runtime, network, graphs, weights, batches, samples }: OpenNetwork, products: Products, size: number, seed: number, signal?: AbortSignal): Promise<readonly Part[]> => {
  const { parameters } = products.network.lowered;
  const own = size < network.batch ? restrictedTo(await graphs.network(size), new Set(parameters.map((p) => p.name))) : products.network;
  const reference = new Products(onHost(runtime), own);
  const count = Math.min(samples, size);
  const rows = size < network.batch ? network.batch : count;
  const host = { batches, samples: count, signal };
  const device = rows === count ? host : { ...host, samples: rows, batches: (from: number, length: number) => gatherRows(batches(0, count), Array.from({ length }, (_, i) => (from + i) % count)) };
  const draws = random(seed, "provider check");
  const direction = parameters.map((p) => draws.normals(sizeOf(p.shape)));
  const cotangent = draws.normals(rows * network.outputs);
  const wanted = (vector: Float64Array): readonly Float64Array[] => [again(vector, count, rows)];
  try {
    const parts: Part[] = [{ what: "outputs", error: difference([await products.outputs(weights, device)], wanted(await reference.outputs(weights, host))) }];
    if (parameters.length > 0) {
      parts.push({ what: "J·v", error: difference([await products.jvp(weights, device, direction)], wanted(await reference.jvp(weights, host, direction))) });
      parts.push({ what: "Jᵀ·u", error: difference(await products.vjp(weights, device, cotangent), await reference.vjp(weights, host, folded(cotangent, count, rows))) });
    }
    return parts;
  } finally {
    await reference.dispose();
  }
};

const worstOf = (parts: readonly Part[]): Part => parts.reduce((a, b) => (b.error > a.error ? b : a));

/**
 * One batch on the provider against the CPU: outputs, and where there are parameters with rules a J·v and a Jᵀ·u for random v and u; the
 * largest relative difference. Null on the CPU itself. Cost: three graphs loaded and run on the CPU for one batch of the size that it would
 * take; those of the provider are kept by `products`.
 * @throws LensError RUNTIME_DIFFERS above the tolerance, with both numbers.
 */
export const checkProvider = async (open: OpenNetwork, products: Products, seed: number, signal?: AbortSignal): Promise<Check | null> => {
  const { runtime, network, processBatch, samples } = open;
  if (runtime.provider === "cpu") return null;
  let worst = worstOf(await compare(open, products, processBatch, seed, signal));
  // Models that read a sample's place in the batch compute something else in a smaller one: only the same batch tells.
  if (worst.error > TOLERANCE && processBatch < network.batch) worst = worstOf(await compare(open, products, network.batch, seed, signal));
  if (worst.error <= TOLERANCE) return { error: worst.error, tolerance: TOLERANCE, passed: true };
  throw new LensError("RUNTIME_DIFFERS", `Provider ${runtime.provider} computes something else than the CPU: ${worst.what} of ${Math.min(samples, network.batch)} samples differ by ${worded(worst.error)} of their norm; ${worded(TOLERANCE)} is allowed.`, "Use --provider cpu, and update the driver. Where CUDA is used, NVIDIA_TF32_OVERRIDE must be 0 or unset.");
};
