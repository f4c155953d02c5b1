import type { Capabilities } from "../core/capabilities.ts";
import { sizeOf } from "../core/tensor.ts";
import { GraphBuilder } from "../onnx/builder.ts";
import type { Executor } from "../onnx/executor.ts";
import type { Program, Value } from "../onnx/value.ts";
import { type Compiled, compile } from "./compiled.ts";
import type { Block, FactorProgram } from "./factor-program.ts";
import { collectFactors, type CompiledFactors, compileFactors, type FactorInputs } from "./factors.ts";
import { blockNames } from "./gram.ts";

/** Σ over the axes after the first, in float64: [rows]. */
const sumRows = (value: Value, g: GraphBuilder): Value => g.sum(value, value.shape.map((_, i) => i).slice(1));

const wide = (value: Value, g: GraphBuilder): Value => g.cast(value, "float64");

/** ⟨a_t, a_s⟩ of every pair of positions of one sample, or whether both pick the same row of a table: [samples, T, T]. */
const pairs = ({ form, positions }: Block, a: Value, g: GraphBuilder): Value => {
  const [samples = 1, width = 1] = a.shape;
  const split = g.reshape(a, [samples, positions, width / positions]);
  if (form === "lookup") return g.cast(g.equal(split, g.swapLast(split)), "float64");
  const own = wide(split, g);
  return g.matMul(own, g.swapLast(own));
};

/** ‖row‖² of written-out rows, [rows, 1]. */
const squares = (rows: Value, g: GraphBuilder): Value => {
  const own = wide(rows, g);
  return g.reshape(sumRows(g.mul(own, own), g), [rows.shape[0] ?? 1, 1]);
};

/** ‖row‖² of a block's part of J for each row that one run of the second stage gives, [rows, 1]; `a`: the block's a as the second stage is fed it. */
const squaredNorms = (block: Block, a: Value | null, g: GraphBuilder): Value => {
  const { positions, withBias } = block;
  const [rows = 1, width = 1] = block.g.shape;
  if (!a) return squares(block.g, g);
  const samples = a.shape[0] ?? 1;
  if (block.form === "strips") {
    const stacked = g.reshape(block.g, [samples, ((rows / samples) * width) / positions, positions]);
    const gradients = g.timesSwapped(stacked, g.reshape(a, [samples, (a.shape[1] ?? 1) / positions, positions]));
    return squares(g.reshape(gradients, [rows, sizeOf(gradients.shape) / rows]), g);
  }
  const own = wide(block.g, g);
  const inputs = pairs(block, a, g);
  const split = g.reshape(own, [rows, positions, width / positions]);
  const outputs = g.matMul(split, g.swapLast(split));
  const weight = g.reshape(withBias ? g.shift(inputs, 1) : inputs, [samples, 1, positions, positions]);
  const product = g.mul(g.reshape(outputs, [samples, rows / samples, positions, positions]), weight);
  return g.reshape(g.sum(product, [2, 3]), [rows, 1]);
};

/** A factor program whose blocks are squared norms, and the graph that makes them of what its second stage returns. */
interface NormProgram {
  readonly program: FactorProgram;
  readonly norms: Program;
}

/** What the norms read of the first stage has names of its own in the second one, as other aliases have. */
const normProgram = (program: FactorProgram, capabilities: Capabilities | undefined): NormProgram => {
  const g = new GraphBuilder("norm:", capabilities);
  const read = new Map(program.blocks.flatMap(({ a }) => (a ? [[a.name, { ...a, name: `norm:${a.name}` }] as const] : [])));
  const blocks = program.blocks.map((block): Block => {
    const norms = squaredNorms(block, block.a && (read.get(block.a.name) ?? null), g);
    return { ...block, form: "rows", a: null, positions: 1, withBias: false, g: g.cast(norms, block.g.dtype) };
  });
  const aliases = new Map([...program.aliases, ...[...read].map(([name, { name: alias }]) => [alias, name] as const)]);
  return { program: { ...program, aliases, blocks }, norms: { inputs: [...program.second.outputs, ...read.values()], steps: g.steps, outputs: blocks.map((block) => block.g) } };
};

/** Two graphs one after the other: the second reads what the first returns, and the first's feeds. */
const chained = (first: Compiled, second: Compiled): Compiled => ({
  program: second.program,
  run: async (feeds) => second.run({ ...feeds, ...Object.fromEntries(await first.run(feeds)) }),
  dispose: async () => {
    await first.dispose();
    await second.dispose();
  },
});

/**
 * The stages whose second one returns squared norms: in one graph where the device has float64, else the gradients are made there and their
 * squares summed on the host, run by run. In float32 a sum over a large parameter would lose more digits than the norm may.
 */
const compileNorms = async (executor: Executor, program: FactorProgram): Promise<CompiledFactors> => {
  const { second, network: { lowered } } = program;
  if (executor.capabilities?.doubleProducts ?? true) {
    const own = normProgram(program, lowered.builder.capabilities);
    return compileFactors(executor, { ...own.program, second: { inputs: [...second.inputs, ...own.norms.inputs.slice(second.outputs.length)], steps: [...second.steps, ...own.norms.steps], outputs: own.norms.outputs } });
  }
  const own = normProgram(program, undefined);
  const stages = await compileFactors(executor, own.program);
  const norms = await compile(executor, own.norms, { place: "host", purpose: "squared norms of gradients, in float64" });
  const both = chained(stages.second, norms);
  const dispose = async (): Promise<void> => {
    for (const compiled of [stages.first, both, stages.alone]) await compiled?.dispose();
  };
  return { ...stages, second: both, dispose };
};

export interface RowNorms {
  /** ‖row‖² of J, [n·K]. */
  readonly rows: Float64Array;
  readonly blocks: readonly { readonly parameters: readonly string[]; readonly squaredNorm: number }[];
  /** Reverse-mode passes over the samples: K. */
  readonly products: number;
}

/** Samples of one slice: gradients of parameters without structure are held for so many. */
const SLICE = 64;

/**
 * ‖J‖_F² exactly (to the rounding of the gradients), row by row and parameter by parameter, from per-sample gradients whose norms are taken
 * in float64 as they are made, in their graph or one after it. Cost: one forward and K backward passes over the samples. @throws LensError RUNTIME_LOAD, RUNTIME_RUN, CANCELLED.
 */
export const rowNorms = async (request: FactorInputs): Promise<RowNorms> => {
  const compiled = await compileNorms(request.executor, request.program);
  const { program } = compiled;
  const names = blockNames(program);
  const classes = program.network.outputs;
  const rows = new Float64Array(request.samples * classes);
  const sums = new Float64Array(names.length);
  const add = (block: number, row: number, square: number): void => {
    rows[row] = (rows[row] ?? 0) + square;
    sums[block] = (sums[block] ?? 0) + square;
  };
  try {
    for (let from = 0; from < request.samples; from += SLICE) {
      const pass = await collectFactors({ ...request, compiled, from, to: Math.min(request.samples, from + SLICE), done: () => undefined });
      const first = from * classes;
      pass.blocks.forEach((block, b) => { block.g.forEach((square, row) => { add(b, first + row, square); }); });
      pass.solo.forEach((gradients, s) => {
        const width = sizeOf(program.solo[s]?.parameter.shape ?? []);
        gradients.forEach((value, e) => { add(program.blocks.length + s, first + Math.floor(e / width), value * value); });
      });
    }
  } finally {
    await compiled.dispose();
  }
  return { rows, blocks: names.map((parameters, b) => ({ parameters, squaredNorm: sums[b] ?? 0 })), products: classes };
};
