import type { GraphBuilder } from "../onnx/builder.ts";
import type { Value } from "../onnx/value.ts";

/**
 * Where the samples of a batch lie in a tensor: along `axis`, whose size is samples·multiple. With multiple > 1 the axis merges the
 * samples (outer, slower) with positions (inner).
 */
export interface SampleAxis {
  readonly axis: number;
  readonly multiple: number;
}

/** Writes per-sample gradients [n, …] in the order of a value's entries: [n, …shape of the value]. */
export type Arrange = (rows: Value, g: GraphBuilder) => Value;

/**
 * The per-sample gradients of one use of a parameter.
 *   outer  Σ_t g_{i,t} a_{i,t}ᵀ: a [n, T, in], g [n, T, out]; `arrange` takes [n, out, in]
 *   lookup g_{i,t} added to row a_{i,t} of a table: a [n, T, 1] row numbers as floats, g [n, T, width]; `write` writes the gradients [n, …]
 *   rows   the gradients themselves, [n, …], in the order of the parameter's entries after `arrange`
 * `a` does not depend on the cotangent, `g` and `rows` are linear in it.
 */
export type Factor =
  | { readonly kind: "outer"; readonly a: Value; readonly g: Value; readonly arrange: Arrange }
  | { readonly kind: "lookup"; readonly a: Value; readonly g: Value; readonly table: number; readonly write: (g: GraphBuilder) => Value; readonly arrange: Arrange }
  | { readonly kind: "rows"; readonly rows: Value; readonly arrange: Arrange };

export const asIs: Arrange = (rows) => rows;

/** Entries of a table whose per-sample gradients are still written out; they are zero but for a few rows. */
const LARGEST_TABLE = 2 ** 20;

/** Whether `materialise` may be called: the gradients of a large table would fill the memory. */
export const isWritable = (factor: Factor): boolean => factor.kind !== "lookup" || factor.table <= LARGEST_TABLE;

/** Per-sample gradients as one tensor, before `arrange`. Cost of an outer factor: 2·n·T·in·out FLOPs. */
export const written = (factor: Factor, g: GraphBuilder): Value => {
  switch (factor.kind) {
    case "rows": return factor.rows;
    case "lookup": return factor.write(g);
    case "outer": return g.matMul(g.swapLast(factor.g), factor.a);
  }
};

/** Per-sample gradients as one tensor [n, …shape of the parameter]; only where `isWritable`. */
export const materialise = (factor: Factor, g: GraphBuilder): Value => factor.arrange(written(factor, g), g);

/** The same factor with its gradients passed on through a linear rearrangement of entries. */
export const rearranged = (factor: Factor, then: Arrange): Factor => ({ ...factor, arrange: (rows, g) => then(factor.arrange(rows, g), g) });

/** Axes in the order [samples, the others but `features`, features]. */
const sampleMajor = (rank: number, axis: number, features: number): number[] => [axis, ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis && i !== features), features];

/**
 * A tensor with samples along `where` and features along axis `features` as [n, T, features], T counting all other positions in
 * their order.
 */
export const positions = (value: Value, where: SampleAxis, features: number, samples: number, g: GraphBuilder): Value => {
  const rank = value.shape.length;
  const moved = g.transpose(value, sampleMajor(rank, where.axis, features));
  const width = value.shape[features] ?? 1;
  const total = value.shape.reduce((a, b) => a * b, 1);
  return g.reshape(moved, [samples, total / (samples * width), width]);
};

/** The shape of a broadcast operand aligned to `rank` axes, with the samples on the axis where they lie in the result; undefined where it has entries there. */
export const widenedShape = (shape: readonly number[], rank: number, where: SampleAxis, samples: number): readonly number[] | undefined => {
  const aligned = [...Array.from({ length: rank - shape.length }, () => 1), ...shape];
  if (aligned[where.axis] !== 1) return undefined;
  return aligned.map((d, axis) => (axis === where.axis ? samples * where.multiple : d));
};

/** A gradient of such a shape as per-sample gradients [n, …shape]: the sample axis in front, its positions summed. */
export const rowsAlong = (wide: Value, shape: readonly number[], where: SampleAxis, samples: number, g: GraphBuilder): Factor => {
  const others = wide.shape.map((_, i) => i).filter((i) => i !== where.axis);
  const front = g.transpose(wide, [where.axis, ...others]);
  const rows = where.multiple === 1 ? front : g.sum(g.reshape(front, [samples, where.multiple, ...others.map((i) => wide.shape[i] ?? 1)]), [1]);
  return { kind: "rows", rows: g.reshape(rows, [samples, ...shape]), arrange: asIs };
};
