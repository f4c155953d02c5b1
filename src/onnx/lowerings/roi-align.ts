import { LensError } from "../../core/errors.ts";
import { toNumbers } from "../../core/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { describe, floatAttribute, intAttribute, stringAttribute } from "../graph.ts";
import { type LoweringContext, lowering, need } from "../lowering.ts";
import type { Value } from "../value.ts";

/** Samples along one side of each region, [R, places·samples]: their lower neighbour, the upper one, the weight of the upper, and whether they lie in the image. */
interface Side { readonly low: Value; readonly high: Value; readonly weight: Value; readonly inside: Value }

/** Places of the samples along one axis. `start` and `extent` [R, 1] in pixels. */
const sideOf = (g: GraphBuilder, start: Value, extent: Value, places: number, samples: number, size: number): Side => {
  const fractions = Float32Array.from({ length: places * samples }, (_, i) => (i + 0.5) / (places * samples));
  const steps = g.cast(g.constant({ dtype: "float32", shape: [1, fractions.length], data: fractions }, "steps"), start.dtype);
  const at = g.add(start, g.mul(extent, steps));
  const outside = g.op("Or", [g.less(at, g.scalar(-1, at)), g.greater(at, g.scalar(size, at))], at.shape, "bool");
  const clamped = g.min(g.max(at, g.scalar(0, at)), g.scalar(size - 1, at));
  const low = g.min(g.unary("Floor", clamped), g.scalar(Math.max(0, size - 2), at));
  const high = size > 1 ? g.shift(low, 1) : low;
  return { low: g.cast(low, "int64"), high: g.cast(high, "int64"), weight: g.sub(clamped, low), inside: g.sub(g.scalar(1, at), g.mask(outside, at.dtype)) };
};

/** How many samples a side of each place gets: as said, or as many as the region has pixels, which must then be the same for all. */
const samplesOf = (context: LoweringContext, extent: readonly number[] | undefined, places: number): number => {
  const ratio = intAttribute(context.node, "sampling_ratio", 0);
  if (ratio > 0) return ratio;
  const counts = new Set(extent?.map((pixels) => Math.max(1, Math.ceil(pixels / places))));
  const [only] = counts;
  if (only !== undefined && counts.size === 1) return only;
  throw new LensError("MODEL_DYNAMIC", `${describe(context.node)} samples each region by its own size (sampling_ratio 0), which changes with the data.`, "Export the model with a fixed sampling_ratio.");
};

const column = (g: GraphBuilder, rois: Value, place: number): Value => g.slice(rois, [place], [place + 1], [1]);

/** Extents of the regions in pixels where they are constant. */
const constantExtents = (rois: Value, low: number, scale: number, least: number): number[] | undefined => {
  if (!rois.constant) return undefined;
  const numbers = toNumbers(rois.constant);
  return Array.from({ length: rois.shape[0] ?? 0 }, (_, r) => Math.max(least, ((numbers[r * 4 + low + 2] ?? 0) - (numbers[r * 4 + low] ?? 0)) * scale));
};

/**
 * Regions of images, each as a small image of fixed size: bilinear samples, averaged or the largest taken.
 * X [N, C, H, W], regions [R, 4] as x₁ y₁ x₂ y₂. @source He et al. 2017, arXiv:1703.06870.
 */
export const roiAlign = lowering("RoiAlign", (context) => {
  const { node, opset, g } = context;
  const x = need(context, 0);
  const rois = need(context, 1);
  const batch = g.cast(need(context, 2), "int64");
  const [n = 1, c = 1, height = 1, width = 1] = x.shape;
  const regions = rois.shape[0] ?? 0;
  const scale = floatAttribute(node, "spatial_scale", 1);
  const halfPixel = stringAttribute(node, "coordinate_transformation_mode", opset < 16 ? "output_half_pixel" : "half_pixel") === "half_pixel";
  const rows = intAttribute(node, "output_height", 1);
  const columns = intAttribute(node, "output_width", 1);
  const least = halfPixel ? 0 : 1;
  const side = (low: number, places: number, size: number): { side: Side; samples: number } => {
    const samples = samplesOf(context, constantExtents(rois, low, scale, least), places);
    const start = g.shift(g.scale(column(g, rois, low), scale), halfPixel ? -0.5 : 0);
    const plain = g.sub(g.shift(g.scale(column(g, rois, low + 2), scale), halfPixel ? -0.5 : 0), start);
    return { side: sideOf(g, start, halfPixel ? plain : g.max(plain, g.scalar(1, plain)), places, samples, size), samples };
  };
  const vertical = side(1, rows, height);
  const horizontal = side(0, columns, width);
  const [high, wide] = [rows * vertical.samples, columns * horizontal.samples];
  const pixels = g.reshape(g.transpose(x, [1, 0, 2, 3]), [c, n * height * width]);
  const corner = (row: Value, col: Value): Value => {
    const offset = g.reshape(g.mul(batch, g.scalar(height, batch)), [regions, 1, 1]);
    const lines = g.mul(g.add(offset, g.reshape(row, [regions, high, 1])), g.scalar(width, batch));
    return g.op("Gather", [pixels, g.add(lines, g.reshape(col, [regions, 1, wide]))], [c, regions, high, wide], x.dtype, { axis: 1 });
  };
  const [down, right] = [g.reshape(vertical.side.weight, [regions, high, 1]), g.reshape(horizontal.side.weight, [regions, 1, wide])];
  const [up, left] = [g.sub(g.scalar(1, x), down), g.sub(g.scalar(1, x), right)];
  const inside = g.mul(g.reshape(vertical.side.inside, [regions, high, 1]), g.reshape(horizontal.side.inside, [regions, 1, wide]));
  const parts = [
    g.mul(corner(vertical.side.low, horizontal.side.low), g.mul(up, left)), g.mul(corner(vertical.side.low, horizontal.side.high), g.mul(up, right)),
    g.mul(corner(vertical.side.high, horizontal.side.low), g.mul(down, left)), g.mul(corner(vertical.side.high, horizontal.side.high), g.mul(down, right)),
  ];
  const largest = stringAttribute(node, "mode", "avg") === "max";
  // The operator takes the largest weighted neighbour, not the largest interpolated value.
  const joined = largest ? parts.reduce((a, b) => g.max(a, b)) : (g.sumOf(...parts) ?? x);
  const samples = g.reshape(g.mul(joined, inside), [c, regions, rows, vertical.samples, columns, horizontal.samples]);
  return [g.transpose(g.reduce(largest ? "ReduceMax" : "ReduceMean", samples, [3, 5], false), [1, 0, 2, 3])];
});
