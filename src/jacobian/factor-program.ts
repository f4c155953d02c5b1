import { sizeOf } from "../core/tensor.ts";
import type { Factor } from "../autodiff/factor.ts";
import { type ParameterFactor, perSample } from "../autodiff/per-sample.ts";
import { vjp } from "../autodiff/reverse.ts";
import { splitStages, type Stages } from "../autodiff/stages.ts";
import type { GraphBuilder } from "../onnx/builder.ts";
import type { Value } from "../onnx/value.ts";
import { chooseForm, type Form, outerSize } from "./form.ts";
import type { Network } from "./network.ts";

/** One parameter's (or a weight and its bias's) part of the Gram matrix, and the values it is computed from. */
export interface Block {
  /** Names of the parameters whose columns this is. */
  readonly parameters: readonly string[];
  readonly form: Form;
  /** Position × input values a [batch, T·in], once a batch; null for rows. */
  readonly a: Value | null;
  /** g [batch, T·out] or gradients [batch, size], once for each output. */
  readonly g: Value;
  readonly positions: number;
  /** A bias rides along: (AAᵀ + 1) ⊙ (GGᵀ). */
  readonly withBias: boolean;
}

/** The program that makes every block's values for one batch, in two stages. */
export interface FactorProgram {
  readonly network: Network;
  readonly cotangent: Value;
  readonly stages: Stages;
  readonly blocks: readonly Block[];
  /** Parameters without per-sample structure: their gradients are taken for one sample at a time. */
  readonly solo: readonly { readonly parameter: Value; readonly node: string; readonly gradient: Value }[];
}

/** The value behind reshapes: two factors with the same root are the same numbers. */
const root = (value: Value, g: GraphBuilder): string => {
  const maker = g.makerOf(value);
  return maker?.op === "Reshape" && maker.inputs[0] ? root(maker.inputs[0], g) : value.name;
};

const flat = (value: Value, g: GraphBuilder): Value => g.reshape(value, [value.shape[0] ?? 1, sizeOf(value.shape.slice(1))]);

/** The raw per-sample gradients; their order of entries does not matter for a Gram matrix. */
const gradients = (factor: Factor, g: GraphBuilder): Value => flat(factor.kind === "rows" ? factor.rows : g.matMul(g.swapLast(factor.g), factor.a), g);

const blockOf = ({ parameter, factor }: ParameterFactor, form: Form, g: GraphBuilder): Block => {
  if (factor.kind === "rows" || form === "rows") return { parameters: [parameter.name], form: "rows", a: null, g: gradients(factor, g), positions: 1, withBias: false };
  return { parameters: [parameter.name], form, a: flat(factor.a, g), g: flat(factor.g, g), positions: outerSize(factor).positions, withBias: false };
};

/** Joins a bias to the weight whose output cotangent it shares: its gradient is that cotangent. */
const joinBiases = (blocks: readonly Block[], g: GraphBuilder): Block[] => {
  const biases = new Map(blocks.filter((b) => b.form === "rows").map((b) => [root(b.g, g), b]));
  const joined = new Set<Block>();
  const merged = blocks.map((block): Block => {
    const bias = block.form === "hadamard" ? biases.get(root(block.g, g)) : undefined;
    if (!bias || joined.has(bias)) return block;
    joined.add(bias);
    return { ...block, parameters: [...block.parameters, ...bias.parameters], withBias: true };
  });
  return merged.filter((block) => !joined.has(block));
};

/**
 * Writes the per-sample factors of all parameters beside the network's steps. `tileSamples` bounds what the implicit form may hold.
 * @throws LensError OPERATOR_RULE.
 */
export const factorProgram = (network: Network, samples: number, tileSamples: number): FactorProgram => {
  const { lowered, output, batch, outputs } = network;
  const { builder: g, parameters, inputs } = lowered;
  const { steps } = lowered.program;
  const cotangent: Value = { name: `${g.prefix}cotangent`, shape: output.shape, dtype: output.dtype };
  const { factors, unstructured } = perSample(g, { steps, output, cotangent, inputs, parameters, samples: batch, axisOf: network.axisOf });
  const blocks = joinBiases(factors.map((f) => blockOf(f, chooseForm(f.factor, samples, outputs, tileSamples), g)), g);
  const gradientsOfSolo = vjp(g, steps, new Map([[output, cotangent]]), unstructured.map((u) => u.parameter));
  const solo = unstructured.flatMap(({ parameter, node }, i) => {
    const gradient = gradientsOfSolo[i];
    return gradient ? [{ parameter, node, gradient: g.reshape(gradient, [sizeOf(parameter.shape)]) }] : [];
  });
  const early = [output, ...blocks.flatMap((b) => b.a ?? [])];
  const results = [...blocks.map((b) => b.g), ...solo.map((s) => s.gradient)];
  const stages = splitStages([...inputs, ...parameters], g.steps, cotangent, early, [...new Map(results.map((v) => [v.name, v])).values()]);
  return { network, cotangent, stages, blocks, solo };
};
