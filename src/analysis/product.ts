import { LensError } from "../core/errors.ts";
import { sameShape } from "../onnx/value.ts";
import { float32, sizeOf, type Tensor, toFloat64 } from "../core/tensor.ts";
import { differenceProduct } from "../jacobian/finite-difference.ts";
import { restrictedTo } from "../jacobian/network.ts";
import { Products } from "../jacobian/products.ts";
import { persistently } from "./attempts.ts";
import { localRuntimes } from "./choose-runtime.ts";
import type { AnalysisContext } from "./context.ts";
import { withDefaults } from "./defaults.ts";
import { differencedNetwork } from "./methods/difference.ts";
import { openNetwork, type OpenNetwork } from "./open-network.ts";
import { checkProvider } from "./provider-check.ts";
import type { AnalysisRequest } from "./request.ts";

/** J·v (`direction`: one tensor per parameter, named and shaped as the model's) or Jᵀ·u (`cotangent`: [n·K], sample-major). */
export type ProductRequest = AnalysisRequest & ({ readonly direction: Readonly<Record<string, Tensor>> } | { readonly cotangent: Float64Array });

export type ProductResult = { readonly kind: "jvp"; readonly value: Float64Array } | { readonly kind: "vjp"; readonly gradients: Readonly<Record<string, Tensor>> };

const misfit = (message: string, hint: string): LensError => new LensError("PRODUCT_SHAPE", message, hint);

const shown = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** The direction in the order of the parameters. @throws LensError PRODUCT_SHAPE for a name that is missing or unknown, and for a shape that differs. */
const directionOf = (direction: Readonly<Record<string, Tensor>>, { network }: OpenNetwork): Float64Array[] => {
  const { parameters } = network.lowered;
  const names = parameters.map((p) => p.name);
  const unknown = Object.keys(direction).find((name) => !names.includes(name));
  if (unknown !== undefined) throw misfit(`The direction holds "${unknown}", which is not a parameter.`, `The parameters are: ${names.join(", ")}.`);
  return parameters.map((p) => {
    const own = direction[p.name];
    if (!own) throw misfit(`The direction lacks parameter "${p.name}".`, "Give one array for each parameter; zeros where nothing moves.");
    if (!sameShape(own.shape, p.shape)) throw misfit(`The direction for "${p.name}" has shape ${shown(own.shape)}; the parameter has ${shown(p.shape)}.`, "Give each array in the shape of its parameter.");
    return toFloat64(own);
  });
};

/** J·v by central differences. @throws LensError JACOBIAN_METHOD for Jᵀ·u, which differences do not give. */
const byDifference = async (request: ProductRequest, open: OpenNetwork, signal: AbortSignal | undefined): Promise<ProductResult> => {
  if (!("direction" in request)) throw new LensError("JACOBIAN_METHOD", "Jᵀ·u cannot be taken by finite differences.", "Use --method exact, or ask for --jvp.");
  const network = await differencedNetwork(open, new Set(open.network.lowered.parameters.map((p) => p.name)));
  try {
    const { value } = await differenceProduct(network.products, network.weights, { batches: network.batches, samples: open.samples, signal }, directionOf(request.direction, open));
    return { kind: "jvp", value };
  } finally {
    await network.dispose();
  }
};

/** The product asked for, on an open network. */
const runProduct = async (request: ProductRequest, open: OpenNetwork, products: Products, signal: AbortSignal | undefined): Promise<ProductResult> => {
  const data = { batches: open.batches, samples: open.samples, signal };
  if (request.method === "finite-difference") return byDifference(request, open, signal);
  if ("direction" in request) return { kind: "jvp", value: await products.jvp(open.weights, data, directionOf(request.direction, open)) };
  const expected = open.samples * open.network.outputs;
  if (request.cotangent.length !== expected) throw misfit(`The cotangent has ${request.cotangent.length} entries; ${open.samples} samples with ${open.network.outputs} outputs have ${expected}.`, "Give u as one vector of n·K numbers, sample-major (i·K + k).");
  const gradients = await products.vjp(open.weights, data, request.cotangent);
  const { parameters } = open.network.lowered;
  return { kind: "vjp", gradients: Object.fromEntries(parameters.map((p, i) => [p.name, float32(p.shape, Float32Array.from(gradients[i] ?? new Float64Array(sizeOf(p.shape))))])) };
};

/**
 * One Jacobian product, exact unless asked otherwise, over the whole data set; the gradients returned are float32 like the parameters, summed over batches in float64.
 * @throws LensError as `analyse`, and PRODUCT_SHAPE for a direction or cotangent that does not fit.
 */
export const product = async (asked: ProductRequest, { progress, signal, entry, runtimes = localRuntimes(entry ?? null) }: AnalysisContext): Promise<ProductResult> => {
  progress(0, "reading model and data");
  const found = await persistently(withDefaults(asked), async (attempt) => {
    const open = await openNetwork(attempt.request, signal, undefined, async (wanted) => {
      const chosen = await runtimes(wanted, { without: attempt.without, signal });
      attempt.provider = chosen.runtime.provider;
      return chosen;
    });
    attempt.batch = open.source.fixedBatch === null ? open.network.batch : null;
    // Differences need the outputs only, and their parameters may have no rule.
    const products = new Products(open.runtime, asked.method === "finite-difference" ? restrictedTo(open.network, new Set()) : open.network);
    try {
      await checkProvider(open, products, attempt.request.seed, signal);
      progress(0.2, "running the product");
      return await runProduct(asked, open, products, signal);
    } finally {
      await products.dispose();
      await open.dispose();
    }
  });
  progress(1, "done");
  return found;
};
