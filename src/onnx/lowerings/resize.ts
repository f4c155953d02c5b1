import { LensError } from "../../core/errors.ts";
import { toFloat64 } from "../../core/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { describe, floatAttribute, intAttribute, intsAttribute, stringAttribute } from "../graph.ts";
import { constantOf, type LoweringContext, lowering, need } from "../lowering.ts";
import { normaliseAxis, type Value } from "../value.ts";
import { type AxisResize, isInside, nearestPlaces, weightMatrix } from "./resize-weights.ts";

const numbers = (context: LoweringContext, place: number): number[] | undefined => {
  const tensor = constantOf(context, place);
  return tensor && tensor.data.length > 0 ? (tensor.dtype === "float32" || tensor.dtype === "float64" ? [...toFloat64(tensor)] : Array.from(tensor.data as ArrayLike<number | bigint>, Number)) : undefined;
};

/** Scales as given, or as the sizes of the traced run make them, for the axes that the node names (all, if it names none). */
const scalesOf = (context: LoweringContext, x: Value, out: readonly number[]): number[] => {
  const { node, opset } = context;
  const old = node.op === "Upsample" || opset < 11;
  const given = node.attributes.scales?.type === "floats" ? [...node.attributes.scales.value] : numbers(context, old ? 1 : 2);
  const axes = (intsAttribute(node, "axes") ?? x.shape.map((_, i) => i)).map((axis) => normaliseAxis(axis, x.shape.length));
  const byShape = x.shape.map((d, i) => (out[i] ?? 0) / d);
  if (given) axes.forEach((axis, i) => { byShape[axis] = given[i] ?? 1; });
  return byShape;
};

const cropOf = (context: LoweringContext, rank: number): (axis: number) => readonly [number, number] => {
  const { node } = context;
  if (stringAttribute(node, "coordinate_transformation_mode", "half_pixel") !== "tf_crop_and_resize") return () => [0, 1];
  const roi = numbers(context, 1) ?? [];
  const axes = (intsAttribute(node, "axes") ?? Array.from({ length: rank }, (_, i) => i)).map((axis) => normaliseAxis(axis, rank));
  return (axis) => {
    const place = axes.indexOf(axis);
    return place < 0 ? [0, 1] : [roi[place] ?? 0, roi[place + axes.length] ?? 1];
  };
};

const modeOf = (context: LoweringContext): AxisResize["mode"] => {
  const mode = stringAttribute(context.node, "mode", "nearest");
  if (mode === "nearest" || mode === "linear" || mode === "cubic") return mode;
  if (mode === "bilinear") return "linear";
  throw new LensError("MODEL_ATTRIBUTE", `${describe(context.node)} has the mode "${mode}", which ONNX does not define.`, "Check the model with onnx.checker, and export it again.");
};

/** Each axis of the node in the terms of opset 19. Before opset 11 coordinates are asymmetric and rounded in the old way. */
const axesOf = (context: LoweringContext, x: Value, out: readonly number[]): AxisResize[] => {
  const { node, opset } = context;
  const old = node.op === "Upsample" || opset < 11;
  const scales = scalesOf(context, x, out);
  const crop = cropOf(context, x.shape.length);
  return x.shape.map((from, axis) => ({
    from, to: out[axis] ?? from, scale: scales[axis] ?? 1, mode: modeOf(context), crop: crop(axis),
    coordinates: old ? "asymmetric" : stringAttribute(node, "coordinate_transformation_mode", "half_pixel"),
    rounding: old ? "simple" : stringAttribute(node, "nearest_mode", "round_prefer_floor"),
    cubicA: floatAttribute(node, "cubic_coeff_a", -0.75), excludeOutside: intAttribute(node, "exclude_outside", 0) !== 0, antialias: intAttribute(node, "antialias", 0) !== 0,
  }));
};

/** Entries picked along an axis; whole repetitions are a broadcast. */
const picked = (g: GraphBuilder, x: Value, axis: number, places: readonly number[]): Value => {
  const from = x.shape[axis] ?? 1;
  const shape = x.shape.map((d, i) => (i === axis ? places.length : d));
  const times = places.length / from;
  if (Number.isInteger(times) && places.every((place, at) => place === Math.floor(at / times))) {
    const split = g.reshape(x, [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)]);
    return g.reshape(g.expand(split, [...x.shape.slice(0, axis + 1), times, ...x.shape.slice(axis + 1)]), shape);
  }
  return g.op("Gather", [x, g.ints(places)], shape, x.dtype, { axis });
};

/** A product with the weights along an axis; the last two need no exchange of axes. */
const mixed = (g: GraphBuilder, x: Value, axis: number, resize: AxisResize): Value => {
  const rank = x.shape.length;
  const weights = g.cast(g.constant(weightMatrix(resize), "resize"), x.dtype);
  if (axis === rank - 2) return g.matMul(g.swapLast(weights), x);
  const order = [...x.shape.map((_, i) => i).filter((i) => i !== axis), axis];
  return g.transpose(g.matMul(g.transpose(x, order), weights), order.map((_, i) => order.indexOf(i)));
};

/** Interpolation is linear along one axis after the other, with weights that are known: gathers, or products with small matrices. */
const resize = (op: string) => lowering(op, (context) => {
  const { node, g, outputs: [out] } = context;
  const x = need(context, 0);
  if (!out) return [];
  const axes = axesOf(context, x, out.shape);
  const y = axes.reduce<Value>((value, axis, i) => {
    const cropped = axis.coordinates === "tf_crop_and_resize" && (axis.crop[0] !== 0 || axis.crop[1] !== 1);
    if (axis.from === axis.to && axis.scale === 1 && !cropped) return value;
    return axis.mode === "nearest" ? picked(g, value, i, nearestPlaces(axis)) : mixed(g, value, i, axis);
  }, x);
  const outside = axes.map((axis) => Array.from({ length: axis.to }, (_, at) => (isInside(axis, at) ? 1 : 0)));
  if (outside.every((flags) => !flags.includes(0))) return [y];
  const inside = outside.reduce<number[]>((all, flags) => all.flatMap((a) => flags.map((b) => a * b)), [1]);
  const mask = g.constant({ dtype: "bool", shape: out.shape, data: Uint8Array.from(inside) }, "inside");
  return [g.where(mask, y, g.scalar(floatAttribute(node, "extrapolation_value", 0), y))];
});

export const resizes = ["Resize", "Upsample"].map(resize);
