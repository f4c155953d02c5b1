import { intsAttribute } from "../../onnx/graph.ts";
import type { Value } from "../../onnx/value.ts";
import type { RuleContext } from "../rule.ts";
import { type Geometry, geometryOf, offsets, transposedAttributes } from "./convolution-geometry.ts";

/** The windows of a MaxPool over planes [samples·channels, 1, …], as a convolution with one filter for each place in the kernel. */
interface Windows {
  readonly planes: number;
  readonly sizes: readonly number[];
  readonly outs: readonly number[];
  readonly geometry: Geometry;
  /** [|kernel|, 1, …kernel]: filter o is one at place o, else zero. */
  readonly filters: Value;
  readonly attributes: ReturnType<typeof transposedAttributes>;
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

const windowsOf = ({ step, g }: RuleContext, x: Value, y: Value): Windows => {
  const [samples = 1, channels = 1, ...sizes] = x.shape;
  const outs = y.shape.slice(2);
  const kernel = intsAttribute(step, "kernel_shape") ?? [];
  const geometry = geometryOf(step, x, y, kernel);
  const count = product(kernel);
  const identity = Float32Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? 1 : 0));
  const filters = g.constant({ dtype: "float32", shape: [count, 1, ...kernel], data: identity }, "places");
  return { planes: samples * channels, sizes, outs, geometry, filters, attributes: transposedAttributes(geometry, sizes, outs) };
};

/** Every entry of every window: [planes, |kernel|, …outs]. Exact: each is one entry times one. */
const entries = (value: Value, { planes, sizes, outs, filters, attributes }: Windows, g: RuleContext["g"]): Value => {
  const { output_padding: _, ...own } = attributes;
  return g.op("Conv", [g.reshape(value, [planes, 1, ...sizes]), filters], [planes, filters.shape[0] ?? 1, ...outs], value.dtype, own);
};

/** Which places of which windows lie inside the plane, [1, |kernel|, …outs]; undefined where all do. */
const inside = ({ sizes, outs, geometry }: Windows, g: RuleContext["g"]): Value | undefined => {
  const { kernel, strides, dilations, before } = geometry;
  const places = offsets(kernel);
  const data = new Float32Array(places.length * product(outs)).fill(1);
  places.forEach((place, o) => {
    offsets(outs).forEach((window, t) => {
      const out = window.some((w, axis) => {
        const at = w * (strides[axis] ?? 1) - (before[axis] ?? 0) + (place[axis] ?? 0) * (dilations[axis] ?? 1);
        return at < 0 || at >= (sizes[axis] ?? 1);
      });
      if (out) data[o * product(outs) + t] = 0;
    });
  });
  return data.every((value) => value === 1) ? undefined : g.constant({ dtype: "float32", shape: [1, places.length, ...outs], data }, "inside");
};

/** 1 at the place of the first largest entry of each window, else 0: [planes, |kernel|, …outs]. */
const firstLargest = (x: Value, y: Value, windows: Windows, g: RuleContext["g"]): Value => {
  const { planes, outs } = windows;
  const isLargest = g.mask(g.equal(entries(x, windows, g), g.reshape(y, [planes, 1, ...outs])), "float32");
  const valid = inside(windows, g);
  const largest = valid ? g.mul(isLargest, valid) : isLargest;
  const count = largest.shape[1] ?? 1;
  const earlier = Float32Array.from({ length: count * count }, (_, i) => (i % count < Math.floor(i / count) ? 1 : 0));
  const rows = g.reshape(largest, [planes, count, product(outs)]);
  const before = g.matMul(g.constant({ dtype: "float32", shape: [count, count], data: earlier }, "earlier"), rows);
  return g.reshape(g.mul(rows, g.mask(g.less(before, g.scalar(0.5, before)), "float32")), largest.shape);
};

/**
 * MaxPool where the provider does not say where the maxima stood: each window's entries are compared with its maximum. At a tie the first
 * counts. Cost: |kernel| times the values of the result, held for the backward pass.
 *   jvp  ẏ = Σ over places of mask·ẋ        vjp  x̄ = mask·ȳ added back to where each place lies
 */
export const maximumByWindows = {
  jvp: (context: RuleContext, x: Value, y: Value, dx: Value): Value => {
    const { g } = context;
    const windows = windowsOf(context, x, y);
    return g.reshape(g.sum(g.mul(firstLargest(x, y, windows, g), entries(dx, windows, g)), [1]), y.shape);
  },
  vjp: (context: RuleContext, x: Value, y: Value, cotangent: Value): Value => {
    const { g } = context;
    const windows = windowsOf(context, x, y);
    const { planes, sizes, outs, filters, attributes } = windows;
    const spread = g.mul(firstLargest(x, y, windows, g), g.reshape(cotangent, [planes, 1, ...outs]));
    const shape = [planes, 1, ...sizes];
    return g.reshape(g.op("ConvTranspose", [spread, filters], shape, cotangent.dtype, attributes), x.shape);
  },
};
