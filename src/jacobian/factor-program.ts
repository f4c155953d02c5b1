import { LensError } from "../core/errors.ts";
import { sizeOf } from "../core/tensor.ts";
import { asIs, type Factor, isWritable, materialise, written } from "../autodiff/factor.ts";
import { type ParameterFactor, perSample, type PerSample } from "../autodiff/per-sample.ts";
import { vjp } from "../autodiff/reverse.ts";
import { splitStages } from "../autodiff/stages.ts";
import type { GraphBuilder } from "../onnx/builder.ts";
import type { Program, Value } from "../onnx/value.ts";
import { fedNarrow } from "./fed-narrow.ts";
import { chooseForm, type Form, outerSize } from "./form.ts";
import type { Network } from "./network.ts";
import { type SampleAxes, sampleAxes } from "./sample-axes.ts";

/** One parameter's (or a weight and its bias's) part of the Gram matrix, and the values it is computed from. */
export interface Block {
  /** Names of the parameters whose columns this is. */
  readonly parameters: readonly string[];
  readonly form: Form;
  /** Inputs a [batch, T·in], once a batch ([batch, in·T] for strips); null for rows. */
  readonly a: Value | null;
  /** g [batch·C, T·out] ([batch·C, out·T] for strips), or gradients [batch·C, size] for C cotangents a sample, sample-major. */
  readonly g: Value;
  readonly positions: number;
  /** A bias rides along: (AAᵀ + 1) ⊙ (GGᵀ). */
  readonly withBias: boolean;
}

/** A parameter without per-sample structure: its gradient is taken for one sample and one cotangent at a time. */
export interface Solo {
  readonly parameter: Value;
  /** The node that stands in the way. */
  readonly node: string;
  readonly gradient: Value;
}

/**
 * The program that makes every block's values for one batch: a first stage, run once a batch, and a second one, run for `together`
 * cotangents of every sample at once.
 */
export interface FactorProgram {
  /** The network at the batch size of the first stage. */
  readonly network: Network;
  /** C: cotangents of each sample that one run of the second stage takes. */
  readonly together: number;
  /** [batch·C, …shape of an output]. */
  readonly cotangent: Value;
  readonly first: Program;
  readonly second: Program;
  readonly blocks: readonly Block[];
  /** Inputs of the second stage that are outputs of the first under another name. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly solo: readonly Solo[];
  /** Wide rows are multiplied in float64 too, not in the type of the network. */
  readonly exactProducts?: boolean;
  /** Gradients of `solo`, from a cotangent [batch, …]. */
  readonly alone: { readonly cotangent: Value; readonly program: Program } | null;
}

/** The value behind reshapes: two factors with the same root are the same numbers. */
const root = (value: Value, g: GraphBuilder): string => {
  const maker = g.makerOf(value);
  return maker?.op === "Reshape" && maker.inputs[0] ? root(maker.inputs[0], g) : value.name;
};

const flat = (value: Value, g: GraphBuilder): Value => g.reshape(value, [value.shape[0] ?? 1, sizeOf(value.shape.slice(1))]);

/** Under this name the second stage reads a value at the size of the first one. */
const narrowName = (name: string): string => `${name}@narrow`;

/**
 * How the blocks of a factor program are written: each in its cheapest form, or all as rows of J, with entries in the parameter's own order.
 */
export type Writing = "cheapest" | "rows";

/** What a value is the last two axes exchanged of. */
const unswapped = (value: Value, g: GraphBuilder): Value | undefined => {
  const maker = g.makerOf(value);
  const [source] = maker?.inputs ?? [];
  return maker?.op === "Transpose" && source && g.swapLast(source).name === value.name ? source : undefined;
};

/**
 * Per-sample gradients Σ_t g_{ik,t} a_{i,t}ᵀ of C cotangents at once: one product [C·out, T]·[T, in] for each sample, with `a` held once.
 * The order of entries does not matter for a Gram matrix.
 */
const gradients = (wide: Factor, narrow: Factor, writing: Writing, g: GraphBuilder, narrowBuilder: GraphBuilder): Made => {
  if (wide.kind !== "outer") return { g: flat(writing === "rows" ? materialise(wide, g) : written(wide, g), g), shared: null };
  if (narrow.kind !== "outer") throw new Error("a factor has the same kind at every batch size");
  const { inputs, outputs, positions } = outerSize(wide);
  const rows = wide.g.shape[0] ?? 1;
  const samples = narrow.a.shape[0] ?? 1;
  const stacked = g.reshape(g.swapLast(wide.g), [samples, (rows / samples) * outputs, positions]);
  // Where the product turns nothing, the first stage does, once for all cotangents.
  const turned = g.turnsProducts(stacked) ? unswapped(narrow.a, narrowBuilder) : undefined;
  const source = turned ?? narrow.a;
  const shared = source.constant ? source : { ...source, name: narrowName(source.name) };
  const product = turned ? g.timesSwapped(stacked, shared) : g.matMul(stacked, shared);
  return { g: writing === "rows" ? flat(wide.arrange(g.reshape(product, [rows, outputs, inputs]), g), g) : g.reshape(product, [rows, outputs * inputs]), shared: source };
};

/** A block's gradients, and the value of the first stage that they read at its own size. */
interface Made {
  readonly g: Value;
  readonly shared: Value | null;
}

const blockOf = (wide: ParameterFactor, narrow: ParameterFactor, form: Form, writing: Writing, wideBuilder: GraphBuilder, narrowBuilder: GraphBuilder): { readonly block: Block; readonly shared: Value | null } => {
  const { parameter, factor } = wide;
  const rows = { parameters: [parameter.name], form: "rows", a: null, positions: 1, withBias: false } as const;
  if (factor.kind === "rows" || narrow.factor.kind === "rows" || form === "rows") {
    const { g, shared } = gradients(factor, narrow.factor, writing, wideBuilder, narrowBuilder);
    return { block: { ...rows, g }, shared };
  }
  if (form === "strips" && factor.kind === "outer") {
    const { positions } = outerSize(factor);
    return { block: { ...rows, form, a: flat(narrowBuilder.swapLast(narrow.factor.a), narrowBuilder), g: flat(wideBuilder.swapLast(factor.g), wideBuilder), positions }, shared: null };
  }
  return { block: { ...rows, form, a: flat(narrow.factor.a, narrowBuilder), g: flat(factor.g, wideBuilder), positions: outerSize(factor).positions }, shared: null };
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

interface Written {
  readonly cotangent: Value;
  readonly found: PerSample;
}

/** The form of a factor. @throws LensError MEMORY for rows of a table so large that they are never written out. */
const formOf = ({ parameter, factor }: ParameterFactor, samples: number, classes: number, writing: Writing): Form => {
  if (writing === "cheapest") return chooseForm(factor, samples, classes);
  if (isWritable(factor)) return "rows";
  throw new LensError("MEMORY", `The rows of J are not written out for the table "${parameter.name}" of ${sizeOf(parameter.shape)} entries.`, "Use --method gram, which compares the looked-up rows instead, or leave the table out with --parameters.");
};

/** A lookup into a small table as its gradients written out, where that is the cheaper form: in both networks, so that they stay alike. */
const settled = (own: ParameterFactor, samples: number, classes: number, writing: Writing, g: GraphBuilder): ParameterFactor =>
  own.factor.kind === "lookup" && formOf(own, samples, classes, writing) === "rows" ? { ...own, factor: { kind: "rows", rows: materialise(own.factor, g), arrange: asIs } } : own;

/** Writes per-sample factors beside a network's steps. Deterministic: two networks of one model give the same names. */
const writeFactors = (network: Network, count: number, writing: Writing): Written => {
  const { lowered, output, batch } = network;
  const { builder: g, parameters, inputs, program } = lowered;
  const cotangent: Value = { name: `${g.prefix}cotangent`, shape: output.shape, dtype: output.dtype };
  const found = perSample(g, { steps: program.steps, output, cotangent, inputs, parameters, samples: batch, axisOf: network.axisOf });
  return { cotangent, found: { ...found, factors: found.factors.map((factor) => settled(factor, count, network.outputs, writing, g)) } };
};

const distinct = (values: readonly Value[]): Value[] => [...new Map(values.map((v) => [v.name, v])).values()];

/** Gradients of the parameters without structure, over a whole batch: the caller gives a cotangent that is zero but for one sample. */
const soloOf = (narrow: Network, { unstructured }: PerSample): Pick<FactorProgram, "solo" | "alone"> => {
  if (unstructured.length === 0) return { solo: [], alone: null };
  const { builder: g, program } = narrow.lowered;
  const cotangent: Value = { name: `${g.prefix}cotangent`, shape: narrow.output.shape, dtype: narrow.output.dtype };
  const made = vjp(g, program.steps, new Map([[narrow.output, cotangent]]), unstructured.map((u) => u.parameter));
  const solo = unstructured.flatMap(({ parameter, node }, i): Solo[] => {
    const gradient = made[i];
    return gradient ? [{ parameter, node, gradient: g.reshape(gradient, [sizeOf(parameter.shape)]) }] : [];
  });
  return { solo, alone: { cotangent, program: { inputs: [...program.inputs, cotangent], steps: g.steps, outputs: distinct(solo.map((s) => s.gradient)) } } };
};

/** Whether two networks of one model were written step by step alike, so that a value has one name in both. */
const alike = (a: GraphBuilder, b: GraphBuilder): boolean =>
  a.steps.length === b.steps.length && a.steps.every((step, i) => {
    const other = b.steps[i];
    return other?.op === step.op && step.outputs.every((output, place) => output.name === other.outputs[place]?.name);
  });

/**
 * Writes the per-sample factors of all parameters for two sizes of one model: `narrow` for what a batch of samples needs once, `wide`
 * (C times as many samples) for its C cotangents. `samples` steers the choice of forms, unless all are to be rows. Where the two cannot be
 * written alike, one cotangent is taken at a time.
 * @throws LensError OPERATOR_RULE, MEMORY.
 */
export const factorProgram = (narrow: Network, wide: Network, samples: number, writing: Writing = "cheapest"): FactorProgram => {
  const together = wide.batch / narrow.batch;
  const own = writeFactors(narrow, samples, writing);
  const other = narrow === wide ? own : writeFactors(wide, samples, writing);
  const { builder: narrowBuilder } = narrow.lowered;
  const { builder: wideBuilder } = wide.lowered;
  if (!alike(narrowBuilder, wideBuilder)) return factorProgram(narrow, narrow, samples, writing);
  const known = new Map([...narrow.lowered.inputs, ...narrowBuilder.steps.flatMap((s) => s.outputs)].map((v) => [v.name, v]));
  const partner = new Map(own.found.factors.map((f) => [f.parameter.name, f]));
  const made = other.found.factors.flatMap((factor) => {
    const mine = partner.get(factor.parameter.name);
    return mine ? [blockOf(factor, mine, formOf(factor, samples, narrow.outputs, writing), writing, wideBuilder, narrowBuilder)] : [];
  });
  const blocks = joinBiases(made.map((m) => m.block), wideBuilder);
  const shared = distinct(made.flatMap((m) => (m.shared && !m.shared.constant ? [m.shared] : [])));
  const aliases = shared.map((value): Value => ({ ...value, name: narrowName(value.name) }));
  const { lowered } = wide;
  const stages = splitStages([...lowered.program.inputs, ...aliases], wideBuilder.steps, other.cotangent, [], distinct(blocks.map((b) => b.g)));
  const carried = stages.carried.flatMap((value) => known.get(value.name) ?? []);
  const outputs = distinct([narrow.output, ...blocks.flatMap((b) => b.a ?? []), ...shared, ...carried]);
  const axes = (): SampleAxes => sampleAxes({ inputs: narrow.lowered.inputs, steps: narrowBuilder.steps, batch: narrow.batch }, { inputs: lowered.inputs, steps: wideBuilder.steps, batch: wide.batch });
  const second = together === 1 ? stages.second : fedNarrow(stages.second, known, axes(), together);
  if (!second) return factorProgram(narrow, narrow, samples, writing);
  const first: Program = { inputs: narrow.lowered.program.inputs, steps: narrowBuilder.steps, outputs };
  return { network: narrow, together, cotangent: other.cotangent, first, second, blocks, aliases: new Map(shared.map((v) => [narrowName(v.name), v.name])), ...soloOf(narrow, own.found) };
};
