import { toNumbers } from "../../core/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { intAttribute } from "../graph.ts";
import { lowering, need, numbersOf } from "../lowering.ts";
import { normaliseAxis, type Value } from "../value.ts";

/**
 * The discrete Fourier transform as one real matrix: [taken·parts, bins·2], parts = 2 for complex operands, else 1. Entries past
 * `taken` are zeros; an inverse transform divides by the length.
 */
const matrix = (g: GraphBuilder, length: number, taken: number, bins: number, parts: number, inverse: boolean, like: Value): Value => {
  const data = new Float64Array(taken * parts * bins * 2);
  for (let t = 0; t < Math.min(taken, length); t++) {
    for (let k = 0; k < bins; k++) {
      const angle = ((inverse ? 2 : -2) * Math.PI * ((t * k) % length)) / length;
      const scale = inverse ? 1 / length : 1;
      const [c, s] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
      const at = (part: number, out: number): number => (t * parts + part) * bins * 2 + k * 2 + out;
      data[at(0, 0)] = c;
      data[at(0, 1)] = s;
      if (parts === 2) {
        data[at(1, 0)] = -s;
        data[at(1, 1)] = c;
      }
    }
  }
  const shape = [taken * parts, bins * 2];
  return g.constant(like.dtype === "float64" ? { dtype: "float64", shape, data } : { dtype: "float32", shape, data: Float32Array.from(data) }, "fourier");
};

/** The axis is an attribute up to opset 19 and an operand since; the last axis holds real and imaginary parts. */
const dft = lowering("DFT", (context) => {
  const { node, opset, g, outputs: [out] } = context;
  const x = need(context, 0);
  const rank = x.shape.length;
  const axis = normaliseAxis(opset < 20 ? intAttribute(node, "axis", 1) : (numbersOf(context, 2)?.[0] ?? -2), rank);
  const taken = x.shape[axis] ?? 1;
  const length = numbersOf(context, 1)?.[0] ?? taken;
  const parts = x.shape.at(-1) ?? 1;
  const bins = out?.shape[axis] ?? length;
  const order = [...x.shape.map((_, i) => i).filter((i) => i !== axis && i !== rank - 1), axis, rank - 1];
  const moved = g.transpose(x, order);
  const lead = moved.shape.slice(0, -2);
  const spectrum = g.matMul(g.reshape(moved, [product(lead), taken * parts]), matrix(g, length, taken, bins, parts, intAttribute(node, "inverse", 0) !== 0, x));
  return [g.transpose(g.reshape(spectrum, [...lead, bins, 2]), order.map((_, i) => order.indexOf(i)))];
});

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Frames of a signal [B, L, 1 or 2], under a window, transformed each by itself: [B, frames, bins, 2]. */
const stft = lowering("STFT", (context) => {
  const { inputs, g, outputs: [out] } = context;
  const x = need(context, 0);
  const [batch = 1, , parts = 1] = x.shape;
  const [, frames = 1, bins = 1] = out?.shape ?? [];
  const step = numbersOf(context, 1)?.[0] ?? 1;
  const window = inputs[2];
  const length = inputs[3]?.constant ? (toNumbers(inputs[3].constant)[0] ?? 1) : (window?.shape[0] ?? 1);
  const places = Array.from({ length: frames * length }, (_, i) => Math.floor(i / length) * step + (i % length));
  const cut = g.reshape(g.op("Gather", [x, g.ints(places)], [batch, places.length, parts], x.dtype, { axis: 1 }), [batch, frames, length, parts]);
  const seen = window ? g.mul(cut, g.reshape(window, [length, 1])) : cut;
  const spectrum = g.matMul(g.reshape(seen, [batch, frames, length * parts]), matrix(g, length, length, bins, parts, false, x));
  return [g.reshape(spectrum, [batch, frames, bins, 2])];
});

export const fourier = [dft, stft];
