import type { GraphBuilder } from "../onnx/builder.ts";
import type { Value } from "../onnx/value.ts";

/**
 * Where the samples of a batch lie in a tensor: along `axis`, whose size is outer·samples·inner. More than the samples means that the axis
 * merges them with positions: `outer` vary slower than the samples ([T·n], two batches one after the other), `inner` faster ([n·T]).
 */
export interface SampleAxis {
  readonly axis: number;
  readonly outer: number;
  readonly inner: number;
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

/** A tensor whose sample axis has positions outside of the samples with an axis of its own for those, in front of the samples and what lies inside. */
const opened = (value: Value, { axis, outer }: SampleAxis, g: GraphBuilder): Value =>
  g.reshape(value, [...value.shape.slice(0, axis), outer, (value.shape[axis] ?? 1) / outer, ...value.shape.slice(axis + 1)]);

/**
 * A tensor with samples along `where` and features along axis `features` as [n, T, features], T counting all other positions in
 * their order.
 */
export const positions = (value: Value, where: SampleAxis, features: number, samples: number, g: GraphBuilder): Value => {
  if (where.outer > 1) {
    const inside = { axis: where.axis + 1, outer: 1, inner: where.inner };
    // Samples and what lies inside of them on one axis: as below it comes to the front whole, so that both are cut apart there.
    return positions(opened(value, where, g), inside, features > where.axis ? features + 1 : features, samples, g);
  }
  const moved = g.transpose(value, sampleMajor(value.shape.length, where.axis, features));
  const width = value.shape[features] ?? 1;
  const total = value.shape.reduce((a, b) => a * b, 1);
  return g.reshape(moved, [samples, total / (samples * width), width]);
};

/** A tensor with samples along `where` as [n, T]: all other entries of each sample in their order. */
export const samplesFirst = (value: Value, where: SampleAxis, samples: number, g: GraphBuilder): Value => {
  const width = value.shape.reduce((a, b) => a * b, 1) / samples;
  return g.reshape(positions(g.reshape(value, [...value.shape, 1]), where, value.shape.length, samples, g), [samples, width]);
};

/** The shape of a broadcast operand aligned to `rank` axes, with the samples on the axis where they lie in the result; undefined where it has entries there. */
export const widenedShape = (shape: readonly number[], rank: number, where: SampleAxis, samples: number): readonly number[] | undefined => {
  const aligned = [...Array.from({ length: rank - shape.length }, () => 1), ...shape];
  if (aligned[where.axis] !== 1) return undefined;
  return aligned.map((d, axis) => (axis === where.axis ? samples * where.outer * where.inner : d));
};

/** The sample axis in front, what shares it with the samples summed: [n, …the other axes]. */
export const summedAlong = (wide: Value, where: SampleAxis, samples: number, g: GraphBuilder): Value => {
  const others = wide.shape.map((_, i) => i).filter((i) => i !== where.axis);
  const front = g.transpose(wide, [where.axis, ...others]);
  return where.outer * where.inner === 1 ? front : g.sum(g.reshape(front, [where.outer, samples, where.inner, ...others.map((i) => wide.shape[i] ?? 1)]), [0, 2]);
};

/** A gradient of such a shape as per-sample gradients [n, …shape]: the sample axis in front, its positions summed. */
export const rowsAlong = (wide: Value, shape: readonly number[], where: SampleAxis, samples: number, g: GraphBuilder): Factor =>
  ({ kind: "rows", rows: g.reshape(summedAlong(wide, where, samples, g), [samples, ...shape]), arrange: asIs });
