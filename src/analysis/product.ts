import type { Tensor } from "../core/tensor.ts";
import type { AnalysisContext } from "./context.ts";
import type { AnalysisRequest } from "./request.ts";

/** J·v (`direction`: one tensor per parameter, named and shaped as the model's) or Jᵀ·u (`cotangent`: [n·K], sample-major). */
export type ProductRequest = AnalysisRequest & ({ readonly direction: Readonly<Record<string, Tensor>> } | { readonly cotangent: Float64Array });

export type ProductResult = { readonly kind: "jvp"; readonly value: Float64Array } | { readonly kind: "vjp"; readonly gradients: Readonly<Record<string, Tensor>> };

/** One exact Jacobian product over the whole data set. @throws LensError as `analyse`, and PRODUCT_SHAPE for a direction or cotangent that does not fit. */
export const product = async (request: ProductRequest, context: AnalysisContext): Promise<ProductResult> => {
  await Promise.resolve();
  throw new Error(`being written: ${request.model} ${String(context.signal?.aborted)}`);
};
