import type { SampleAxis } from "../autodiff/factor.ts";
import type { GraphBuilder } from "../onnx/builder.ts";
import type { Value } from "../onnx/value.ts";

/**
 * Each sample of a value `times` times in a row along its sample axis (i → i·times … i·times + times − 1): what one backward pass over
 * several cotangents of the same samples reads of the forward pass. Written as one Expand over a broadcast axis; what lies outside of the
 * samples varies slower than both.
 */
export const repeatSamples = (value: Value, { axis, inner }: SampleAxis, times: number, g: GraphBuilder): Value => {
  if (times === 1) return value;
  const lead = value.shape.slice(0, axis);
  const tail = value.shape.slice(axis + 1);
  const samples = (value.shape[axis] ?? 1) / inner;
  const split = g.reshape(value, [...lead, samples, 1, inner, ...tail]);
  return g.reshape(g.expand(split, [...lead, samples, times, inner, ...tail]), [...lead, samples * times * inner, ...tail]);
};
