/**
 * What the kernels of an execution provider can do beyond every provider's: what lowerings and derivative rules ask before they write an
 * operator, so that none of them knows a provider by name.
 */
export interface Capabilities {
  /** MaxPool says where each maximum stood (its second output). */
  readonly maxPoolIndices: boolean;
  /** What a Gram matrix is made of has kernels in float64: products, sums, and what moves entries. */
  readonly doubleProducts: boolean;
  /** A·Bᵀ of stacks of matrices as one operator (com.microsoft.FusedMatMul), in float32. */
  readonly turnedProducts: boolean;
  /** May have convolutions on blocks of channels (NCHWc), depending on the processor. */
  readonly blockedConvolutions: boolean;
  /** Operators that are written as others before a graph is loaded: the provider would leave them to the CPU, or its kernel fails. */
  readonly substitutes: ReadonlySet<string>;
}

/** What ONNX Runtime's CPU provider can do: everything. */
export const ALL_CAPABILITIES: Capabilities = { maxPoolIndices: true, doubleProducts: true, turnedProducts: true, blockedConvolutions: true, substitutes: new Set() };
