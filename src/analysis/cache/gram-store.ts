import type { ProductRounding } from "../../jacobian/product-rounding.ts";
import type { DerivativeChecks } from "../methods/decomposition.ts";

/** One block of parameters of a stored Gram matrix: its squared norms sample by sample, [n]. */
export interface StoredBlock {
  readonly parameters: readonly string[];
  /** ‖J_ℓ,i‖_F². */
  readonly perSample: Float64Array;
  /** ‖L_iᵀJ_ℓ,i‖_F², L_i that of softmax cross-entropy (THEORY §1). */
  readonly weighed: Float64Array;
}

/** What is said about a stored Gram matrix beside its numbers. Plain JSON data. */
export interface StoredFacts {
  /** K. */
  readonly classes: number;
  /** Of its products; see `Gram`. */
  readonly rounding: ProductRounding | null;
  /** The checks that were made when it was computed. */
  readonly checks: DerivativeChecks;
  /** Uses of parameters whose gradients had to be taken one sample at a time. */
  readonly alone: readonly { readonly parameter: string; readonly node: string }[];
}

/** The Gram matrix of the plain Jacobian of one network at one checkpoint, for samples in the order of `samples`. */
export interface StoredGram extends StoredFacts {
  /** What the matrix is of, beside the samples: see `gramKey`. */
  readonly key: string;
  /** Hash of every sample's input, [n]. */
  readonly samples: readonly string[];
  /** f, [n·K], sample-major. */
  readonly outputs: Float64Array;
  readonly blocks: readonly StoredBlock[];
  /** The rows of JJᵀ from the diagonal on, one after another: [nK·(nK + 1)/2]. */
  readonly triangle: Float64Array;
}

/** A Gram matrix to be stored: square, of which the upper triangle is read. */
export interface FreshGram extends Omit<StoredGram, "triangle"> {
  /** [n·K, n·K]. */
  readonly matrix: Float64Array;
}

/** Where Gram matrices are kept from one analysis to the next. Losing one costs its computation, nothing else. */
export interface GramStore {
  /**
   * Of the matrices under a key the one with the most of the samples asked for; null where none has any, or where it takes more than `memory`
   * bytes. The arrays are owned by the caller.
   */
  find(key: string, samples: readonly string[], memory: number): Promise<StoredGram | null>;
  /** Resolves to null, or to the reason why it could not be kept. */
  put(gram: FreshGram): Promise<string | null>;
}
