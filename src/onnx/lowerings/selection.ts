import { intAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import { normaliseAxis, type Value } from "../value.ts";

const flattened = (context: LoweringContext, x: Value): Value => context.g.reshape(x, [x.shape.reduce((a, b) => a * b, 1)]);

/** The k largest with their places. k is an attribute up to opset 9; the traced run says how many came out. */
const topK = lowering("TopK", (context) => {
  const { node, outputs: [out], g } = context;
  const x = need(context, 0);
  const axis = normaliseAxis(intAttribute(node, "axis", -1), x.shape.length);
  const shape = out?.shape ?? [];
  return g.call("TopK", [x, g.ints([shape[axis] ?? 0])], { axis, largest: intAttribute(node, "largest", 1), sorted: intAttribute(node, "sorted", 1) }, [{ shape, dtype: x.dtype }, { shape, dtype: "int64" }]);
});

/** The entries where a condition holds. Their number is that of the traced run: the condition must not change from run to run. */
const compress = lowering("Compress", (context) => {
  const { node, outputs: [out], g } = context;
  const whole = need(context, 0);
  const condition = need(context, 1);
  const named = node.attributes.axis !== undefined;
  const x = named ? whole : flattened(context, whole);
  const axis = named ? normaliseAxis(intAttribute(node, "axis", 0), x.shape.length) : 0;
  const count = out?.shape[axis] ?? 0;
  const places = g.reshape(g.op("NonZero", [condition], [1, count], "int64"), [count]);
  return [g.op("Gather", [x, places], x.shape.map((d, i) => (i === axis ? count : d)), x.dtype, { axis })];
});

/** The distinct entries are picked by where they first stood; that and the other outputs are whole numbers. */
const unique = lowering("Unique", (context) => {
  const { node, outputs, g } = context;
  const whole = need(context, 0);
  const named = node.attributes.axis !== undefined;
  const x = named ? whole : flattened(context, whole);
  const axis = named ? normaliseAxis(intAttribute(node, "axis", 0), x.shape.length) : 0;
  const shape = outputs[0]?.shape ?? [];
  const count = shape[axis] ?? 0;
  const [, first, inverse, counts] = g.call("Unique", [whole], node.attributes, [{ shape, dtype: x.dtype }, { shape: [count], dtype: "int64" }, { shape: [x.shape[axis] ?? 0], dtype: "int64" }, { shape: [count], dtype: "int64" }]);
  return [first && g.op("Gather", [x, first], shape, x.dtype, { axis }), first, inverse, counts];
});

/** Whether every entry of a constant is its own place along the first axis: 0 0 …, 1 1 …, up to `rows`. */
const countsRows = (value: Value, rows: number): boolean => {
  const { constant, shape } = value;
  if (!constant || shape[0] !== rows) return false;
  const width = constant.data.length / rows;
  return Array.from(constant.data as ArrayLike<number | bigint>, Number).every((entry, i) => entry === Math.floor(i / width));
};

/**
 * Exporters write x[arange(n), index] as coordinates with the row numbers in front. Those are absolute places in the batch; as a batch
 * axis they are none, which keeps samples apart.
 */
const gatherND = lowering("GatherND", (context) => {
  const { node, g, outputs: [out] } = context;
  const x = need(context, 0);
  const indices = need(context, 1);
  const batch = intAttribute(node, "batch_dims", 0);
  const shape = out?.shape ?? [];
  const maker = g.makerOf(indices);
  const [rows, ...rest] = maker?.op === "Concat" && normaliseAxis(intAttribute(maker, "axis", 0), indices.shape.length) === indices.shape.length - 1 ? maker.inputs.flatMap((i) => i ?? []) : [];
  const isPerRow = batch === 0 && rows?.shape.at(-1) === 1 && rest.length > 0 && countsRows(rows, x.shape[0] ?? 0);
  return [isPerRow
    ? g.op("GatherND", [x, g.concat(rest, indices.shape.length - 1)], shape, x.dtype, { batch_dims: 1 })
    : g.op("GatherND", [x, indices], shape, x.dtype, { batch_dims: batch })];
});

/** The name of ScatterElements before opset 11. */
const scatter = lowering("Scatter", (context) => {
  const x = need(context, 0);
  return [context.g.op("ScatterElements", [x, need(context, 1), need(context, 2)], x.shape, x.dtype, { axis: intAttribute(context.node, "axis", 0) })];
});

/** off + (on − off)·[index = class], along a new axis; the two values may carry a derivative. */
const oneHot = lowering("OneHot", (context) => {
  const { node, outputs: [out], g } = context;
  const shape = out?.shape ?? [];
  const axis = normaliseAxis(intAttribute(node, "axis", -1), shape.length);
  const depth = shape[axis] ?? 0;
  const given = g.cast(need(context, 0), "int64");
  const indices = g.where(g.less(given, g.scalar(0, given)), g.shift(given, depth), given);
  const values = need(context, 2);
  const classes = g.reshape(g.ints(Array.from({ length: depth }, (_, i) => i)), shape.map((_, i) => (i === axis ? depth : 1)));
  const hit = g.equal(g.reshape(indices, shape.map((d, i) => (i === axis ? 1 : d))), classes);
  return [g.where(hit, g.slice(values, [1], [2], [0]), g.slice(values, [0], [1], [0]))];
});

export const selections = [topK, compress, unique, gatherND, scatter, oneHot];
