import { LensError } from "../core/errors.ts";
import { random } from "../core/random.ts";
import { sizeOf } from "../core/tensor.ts";
import { Products } from "../jacobian/products.ts";
import type { Executor } from "../onnx/executor.ts";
import type { Runtime } from "../runtime/session.ts";
import type { OpenNetwork } from "./open-network.ts";
import type { Check } from "./result.ts";

/** Largest relative difference from the CPU that is taken for rounding: float32 sums in another order differ by 1e-6, kinks that flip by a little more. */
const TOLERANCE = 1e-4;

/** The same runtime with every graph on the CPU. */
const onHost = (runtime: Runtime): Executor => ({ capabilities: runtime.capabilities, load: (model, options) => runtime.load(model, { ...options, place: "host" }) });

const norm = (parts: readonly Float64Array[]): number => Math.sqrt(parts.reduce((sum, part) => sum + part.reduce((s, value) => s + value * value, 0), 0));

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

/**
 * One batch on the provider against the CPU: outputs, and where there are parameters with rules a J·v and a Jᵀ·u for random v and u; the
 * largest relative difference. Null on the CPU itself. Cost: three graphs loaded and run on the CPU for one batch; those of the provider are
 * kept by `products`.
 * @throws LensError RUNTIME_DIFFERS above the tolerance, with both numbers.
 */
export const checkProvider = async ({ runtime, network, weights, batches, samples }: OpenNetwork, products: Products, seed: number, signal?: AbortSignal): Promise<Check | null> => {
  if (runtime.provider === "cpu") return null;
  const reference = new Products(onHost(runtime), products.network);
  const slice = { batches, samples: Math.min(samples, network.batch), signal };
  const draws = random(seed, "provider check");
  const { parameters } = products.network.lowered;
  const direction = parameters.map((p) => draws.normals(sizeOf(p.shape)));
  const cotangent = draws.normals(slice.samples * network.outputs);
  try {
    const parts: Part[] = [{ what: "outputs", error: difference([await products.outputs(weights, slice)], [await reference.outputs(weights, slice)]) }];
    if (parameters.length > 0) {
      parts.push({ what: "J·v", error: difference([await products.jvp(weights, slice, direction)], [await reference.jvp(weights, slice, direction)]) });
      parts.push({ what: "Jᵀ·u", error: difference(await products.vjp(weights, slice, cotangent), await reference.vjp(weights, slice, cotangent)) });
    }
    const worst = parts.reduce((a, b) => (b.error > a.error ? b : a));
    if (worst.error <= TOLERANCE) return { error: worst.error, tolerance: TOLERANCE, passed: true };
    throw new LensError("RUNTIME_DIFFERS", `Provider ${runtime.provider} computes something else than the CPU: ${worst.what} of ${slice.samples} samples differ by ${worded(worst.error)} of their norm; ${worded(TOLERANCE)} is allowed.`, "Use --provider cpu, and update the driver. Where CUDA is used, NVIDIA_TF32_OVERRIDE must be 0 or unset.");
  } finally {
    await reference.dispose();
  }
};
