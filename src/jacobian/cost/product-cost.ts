import { jvp } from "../../autodiff/forward.ts";
import { vjp } from "../../autodiff/reverse.ts";
import type { Value } from "../../onnx/value.ts";
import type { Network } from "../network.ts";
import { forVectors, programCost, type ProgramCost } from "./program-cost.ts";

/** What one batch's run of each product costs. */
export interface ProductCosts {
  readonly forward: ProgramCost;
  /** J·V for a number of directions. */
  readonly jvp: (count: number) => ProgramCost;
  /** Jᵀ·U for a number of cotangents. */
  readonly vjp: (count: number) => ProgramCost;
}

const distinct = (values: readonly (Value | undefined)[]): Value[] => [...new Map(values.flatMap((v) => (v ? [[v.name, v] as const] : []))).values()];

/**
 * The costs of a network's products, from the graphs of one and of two vectors. Writes those beside the network's steps, under names that
 * the products themselves use. @throws LensError OPERATOR_RULE.
 */
export const productCosts = ({ lowered, output }: Network): ProductCosts => {
  const { builder: g, parameters, program } = lowered;
  const tangents = [0, 1].map((d) => parameters.map((p, i): Value => ({ name: `${g.prefix}tangent${d}.${i}`, shape: p.shape, dtype: p.dtype })));
  const forward = tangents.map((own) => jvp(g, program.steps, new Map(parameters.map((p, i) => [p, own[i] ?? p])), [output])[0]);
  const reverse = [0, 1].map((d) => vjp(g, program.steps, new Map([[output, { name: `${g.prefix}cotangent-of-product${d}`, shape: output.shape, dtype: output.dtype }]]), parameters));
  const cost = (outputs: readonly (Value | undefined)[]): ProgramCost => programCost({ steps: g.steps, outputs: distinct(outputs) });
  const [oneJvp, twoJvp] = [cost(forward.slice(0, 1)), cost(forward)];
  const [oneVjp, twoVjp] = [cost(reverse.slice(0, 1).flat()), cost(reverse.flat())];
  return {
    forward: programCost({ steps: program.steps, outputs: [output] }),
    jvp: (count) => forVectors(oneJvp, twoJvp, count),
    vjp: (count) => forVectors(oneVjp, twoVjp, count),
  };
};
