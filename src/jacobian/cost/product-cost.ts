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

/** Numbers of the vectors in the graphs that are counted: from the second on each adds the same, while one alone shares nothing. */
const COUNTS = [0, 1, 2] as const;

/**
 * The costs of a network's products, from the graphs of one, two and three vectors. Writes those beside the network's steps, under names that
 * the products themselves use. @throws LensError OPERATOR_RULE.
 */
export const productCosts = ({ lowered, output }: Network): ProductCosts => {
  const { builder: g, parameters, program } = lowered;
  const tangents = COUNTS.map((d) => parameters.map((p, i): Value => ({ name: `${g.prefix}tangent${d}.${i}`, shape: p.shape, dtype: p.dtype })));
  const forward = tangents.map((own) => jvp(g, program.steps, new Map(parameters.map((p, i) => [p, own[i] ?? p])), [output])[0]);
  const reverse = COUNTS.map((d) => vjp(g, program.steps, new Map([[output, { name: `${g.prefix}cotangent-of-product${d}`, shape: output.shape, dtype: output.dtype }]]), parameters));
  const cost = (outputs: readonly (Value | undefined)[]): ProgramCost => programCost({ steps: g.steps, outputs: distinct(outputs) });
  const counted = (outputs: readonly (readonly (Value | undefined)[])[]): ((count: number) => ProgramCost) => {
    const [one, two, three] = COUNTS.map((last) => cost(outputs.slice(0, last + 1).flat()));
    if (!one || !two || !three) throw new Error("three graphs are counted");
    return (count) => (count === 1 ? one : forVectors(two, three, count - 1));
  };
  return {
    forward: programCost({ steps: program.steps, outputs: [output] }),
    jvp: counted(forward.map((value) => [value])),
    vjp: counted(reverse),
  };
};
