import { type DeviceKernels, forDevice } from "../autodiff/device/kernels.ts";
import { reachedFrom } from "../autodiff/activity.ts";
import { sizeOf } from "../core/tensor.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import { scan } from "../onnx/control.ts";
import type { Program, Step, Value } from "../onnx/value.ts";
import type { FactorProgram } from "./factor-program.ts";
import type { Operands, TileBlock } from "./tile-forms.ts";
import { resultsOf, type Tile, writeTile } from "./tile-program.ts";
import { tileBlocks } from "./tile-blocks.ts";

/**
 * JJᵀ of `samples` samples as one graph: a Scan over batches writes the factors, products of them follow. Nothing but the matrix leaves
 * ONNX Runtime, which copies every output.
 */
export interface FusedProgram {
  readonly program: Program;
  /** Batches of `network.batch` samples; the last one is filled up. */
  readonly batches: number;
  /** [batches, …] of the network's input and of the cotangents of all K outputs of each sample. */
  readonly x: Value;
  readonly cotangents: Value;
  /** f, [batches, batch, …]. */
  readonly outputs: Value;
  /** The columns of the m samples that are not known, [n·K, m·K] in float64: the whole matrix, symmetric, where none is. */
  readonly matrix: Value;
  readonly own: Tile["own"];
  /** Of the samples that are not known; see Tile. */
  readonly rounding: Tile["rounding"];
}

/** Both stages in one list: what the second makes, and its constants, under names of their own, since the two are written with the same ones. */
const joined = ({ first, second, aliases }: FactorProgram): { readonly steps: readonly Step[]; readonly inSecond: (value: Value) => Value } => {
  const made = new Set(second.steps.flatMap((s) => s.outputs.map((o) => o.name)));
  const inSecond = (value: Value): Value => {
    const alias = aliases.get(value.name);
    if (alias !== undefined) return { ...value, name: alias };
    return made.has(value.name) || value.constant ? { ...value, name: `second:${value.name}` } : value;
  };
  const steps = second.steps.map((step): Step => ({ ...step, inputs: step.inputs.map((i) => i && inSecond(i)), outputs: step.outputs.map(inSecond) }));
  return { steps: [...first.steps, ...steps], inSecond };
};

/** Whether a factor program can be fused: all cotangents of a sample at once, and no parameter that is taken alone. */
export const isFusable = ({ network, together, solo, blocks }: FactorProgram): boolean => together === network.outputs && solo.length === 0 && blocks.length > 0;

/** The value behind reshapes: as a result of the body it is written in place, where a reshape would copy it. */
const unshaped = (steps: readonly Step[]) => {
  const makers = new Map(steps.flatMap((step) => step.outputs.map((o) => [o.name, step] as const)));
  const root = (value: Value): Value => {
    const maker = makers.get(value.name);
    const [source] = maker?.inputs ?? [];
    return maker?.op === "Reshape" && source && !source.constant ? root(source) : value;
  };
  return root;
};

/** The operands of the samples from `known` on. */
const newOnly = (g: GraphBuilder, { a, g: gradients }: Operands, known: number, samples: number, classes: number): Operands => ({
  a: a && g.slice(a, [known], [samples], [0]),
  g: g.slice(gradients, [known * classes], [samples * classes], [0]),
});

/** The columns of the samples that are not known: all of them against the known ones, and against themselves. */
const newColumns = (g: GraphBuilder, blocks: readonly TileBlock[], operands: readonly Operands[], samples: number, known: number, classes: number): Tile => {
  if (known === 0) return writeTile(g, blocks, operands, operands, { m: samples, n: samples, classes, diagonal: true });
  const fresh = samples - known;
  const columns = operands.map((own) => newOnly(g, own, known, samples, classes));
  const { tile: above } = writeTile(g, blocks, operands, columns, { m: known, n: fresh, classes, diagonal: false });
  const square = writeTile(g, blocks, columns, columns, { m: fresh, n: fresh, classes, diagonal: true });
  return { ...square, tile: g.concat([above, square.tile], 0) };
};

/** What a fused program is written for. */
export interface FusedOptions {
  /** The first samples, whose products with one another are not needed: 2·n·m products instead of n². Default 0. */
  readonly known?: number;
  /** Written for here, so that what becomes of the weights alone is computed once and not for each batch. */
  readonly device?: DeviceKernels;
}

/**
 * @param factors a program that `isFusable`. Steps that depend on weights alone (turned kernels) stand before the Scan and run once.
 */
export const fusedProgram = (factors: FactorProgram, samples: number, { known = 0, device }: FusedOptions = {}): FusedProgram => {
  const { network, blocks, cotangent } = factors;
  const classes = network.outputs;
  const [input] = network.lowered.inputs;
  if (!input) throw new Error("a network has an input");
  const batches = Math.ceil(samples / network.batch);
  const { steps: plain, inSecond } = joined(factors);
  const steps = device ? forDevice({ inputs: [], outputs: [], steps: plain }, device).steps : plain;
  const perBatch = reachedFrom([input, cotangent], steps);
  const inBody = (step: Step): boolean => step.outputs.some((o) => perBatch.has(o.name));
  const g = new GraphBuilder("fused:", network.lowered.builder.capabilities);
  const x = g.input("fused:x", input.dtype, [batches, ...input.shape]);
  const cotangents = g.input("fused:cotangents", cotangent.dtype, [batches, ...cotangent.shape]);
  const root = unshaped(steps);
  const results = [network.output, ...blocks.flatMap((b) => b.a ?? []), ...blocks.map((b) => inSecond(b.g))];
  const distinct = [...new Map(results.map(root).map((v) => [v.name, v])).values()];
  const made = scan(g, [x, cotangents], { inputs: [input, cotangent], steps: steps.filter(inBody), outputs: distinct });
  const whole = new Map(distinct.map((value, i) => [value.name, made[i]]));
  const flat = (value: Value): Value => {
    const all = whole.get(root(value).name);
    if (!all) throw new Error("every result of the body is returned");
    const [rows = 1, ...rest] = value.shape;
    return g.reshape(all, [batches * rows, sizeOf(rest)]);
  };
  const operands = blocks.map((block): Operands => ({ a: block.a && flat(block.a), g: flat(inSecond(block.g)) }));
  const columns = newColumns(g, tileBlocks(factors), operands, samples, known, classes);
  const outputs = whole.get(root(network.output).name);
  if (!outputs) throw new Error("the body returns the network's output");
  const inputs = [x, cotangents, ...factors.first.inputs.filter((i) => i.name !== input.name)];
  const program: Program = { inputs, steps: [...steps.filter((s) => !inBody(s)), ...g.steps], outputs: [...resultsOf(columns), outputs] };
  return { program, batches, x, cotangents, outputs, matrix: columns.tile, own: columns.own, rounding: columns.rounding };
};
