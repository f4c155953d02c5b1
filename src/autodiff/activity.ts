import { isFloat } from "../core/tensor.ts";
import type { Step, Value } from "../onnx/value.ts";

/** Names of the values whose content depends on any of `sources`, through floating tensors or not. */
export const reachedFrom = (sources: readonly Value[], steps: readonly Step[]): ReadonlySet<string> => {
  const reached = new Set(sources.map((s) => s.name));
  for (const step of steps) if (step.inputs.some((i) => i !== undefined && reached.has(i.name))) for (const output of step.outputs) reached.add(output.name);
  return reached;
};

/** Whether a value can carry a derivative: it depends on the sources and is a floating tensor. */
export const isActive = (value: Value | undefined, reached: ReadonlySet<string>): value is Value => value !== undefined && reached.has(value.name) && isFloat(value.dtype);
