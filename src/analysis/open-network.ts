import { LensError, throwIfAborted } from "../core/errors.ts";
import type { DType, Tensor } from "../core/tensor.ts";
import { gatherRows, rowsOf } from "../data/batches.ts";
import { convertTo } from "../data/convert.ts";
import type { RawDataset } from "../data/dataset.ts";
import { readDataset } from "../data/read-dataset.ts";
import { widenTensor } from "../autodiff/double.ts";
import { compile } from "../jacobian/compiled.ts";
import type { Batches, Network, NetworkSource, Precision } from "../jacobian/network.ts";
import { type Ruleless, rulelessParameters } from "../jacobian/ruleless.ts";
import { chooseParameters, type ParameterChoice } from "../onnx/parameters.ts";
import type { Runtime } from "../runtime/session.ts";
import { structureHash } from "./cache/hashes.ts";
import { graphKey } from "./cache/network-key.ts";
import { type ChosenRuntime, localRuntimes } from "./choose-runtime.ts";
import type { FilledRequest } from "./defaults.ts";
import { type GraphKeeper, NetworkGraphs, oneShot } from "./network-graphs.ts";
import { processRoom, productBatch, roomFor, type RunRoom } from "./run-sizes.ts";
import { hashOfModel, type ModelFile, openModel, refuseNaNWeights } from "./model-file.ts";

/** Model and data, read, checked against one another, and ready to be differentiated. */
export interface OpenNetwork {
  readonly file: ModelFile & { readonly sha256: string };
  readonly data: RawDataset;
  readonly choices: readonly ParameterChoice[];
  readonly runtime: Runtime;
  /** The device of `runtime` and the providers passed over. */
  readonly chosen: Pick<ChosenRuntime, "adapter" | "refused">;
  readonly precision: Precision;
  /** The graphs of this architecture, perhaps loaded by an analysis before; theirs are `runtime`, `source` and `network`. */
  readonly graphs: NetworkGraphs;
  /** The key of these graphs. Cost: when first called, one pass over the stored tensors that are no parameters. */
  readonly graphKey: () => string;
  /** Makes the network at any batch size. */
  readonly source: NetworkSource;
  /** The network at the batch size of plain products, with every chosen parameter. */
  readonly network: Network;
  /** The parameters that stand before an operator without a rule: differentiated by differences, the others exactly. */
  readonly ruleless: readonly Ruleless[];
  /** Parameter values by name. */
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly batches: Batches;
  readonly samples: number;
  /** What one run may take, by the memory that was asked for and by that of the device. */
  readonly room: RunRoom;
  /** Samples in one run of a plain product where the process computes it: `network.batch` at most. */
  readonly processBatch: number;
  /** Gives back graphs that only the Gram matrix needs, unless they are kept for another checkpoint. */
  settle(): Promise<void>;
  dispose(): Promise<void>;
}

/** The names of the parameters that are differentiated exactly. */
export const exactNames = ({ network, ruleless }: OpenNetwork): ReadonlySet<string> => {
  const without = new Set(ruleless.map((r) => r.parameter));
  return new Set(network.lowered.parameters.map((p) => p.name).filter((name) => !without.has(name)));
};

/** Rows of x as the model takes them; past the end the rows repeat, so that every batch is full. */
const batchesOf = (x: Tensor): Batches => {
  const n = x.shape[0] ?? 0;
  return (from, count) => (from + count <= n ? rowsOf(x, from, from + count) : gatherRows(x, Array.from({ length: count }, (_, i) => (from + i) % n)));
};

/** Refuses data whose rows do not fit the model's input as it declares itself. @throws LensError DATA_SHAPE. */
const checkShape = ({ model, path }: ModelFile, data: RawDataset): DType => {
  const [input] = model.graph.inputs;
  const declared = input?.shape;
  const given = data.x.shape;
  const clashes = declared && (declared.length !== given.length || declared.some((d, axis) => axis > 0 && typeof d === "number" && d !== given[axis]));
  if (clashes) {
    const wanted = declared.map((d, axis) => (axis === 0 ? "n" : (d ?? "?"))).join(", ");
    throw new LensError("DATA_SHAPE", `${data.path}: array "${data.xName}" has shape [${given.join(", ")}]; input "${input.name}" of ${path} takes [${wanted}].`, "Choose another array with --x, or store the data in the shape the model was exported for.");
  }
  return input?.dtype ?? "float32";
};

/** Whether graphs take memory of a device, not that of the process; where nothing is known of it, a GPU is taken to have its own. */
export const isApart = ({ runtime, chosen, graphs }: Pick<OpenNetwork, "runtime" | "chosen" | "graphs">): boolean =>
  runtime.provider !== "cpu" && chosen.adapter?.software !== true && graphs.memory?.shared !== true;

/** Gives the engine for a request. */
export type ChooseRuntime = (request: FilledRequest) => Promise<ChosenRuntime>;

/** Whatever the request names, untried. */
const untried: ChooseRuntime = (request) => localRuntimes(null)(request, { without: [] });

/** Batches of samples x as the lowered network takes them. */
export const batchesFor = (x: Tensor, precision: Precision): Batches => {
  const stored = batchesOf(x);
  return precision === "double" ? (from, count) => widenTensor(stored(from, count)) : stored;
};

/** `make`, called once at most. */
const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

/**
 * Opens model and data and prepares the network: reads and checks both, loads the model for tracing, and finds what cannot be
 * differentiated by rule. `keeper`: where the graphs come from; `choose`: where the engine does; `most`: see RunRoom. The caller disposes of it.
 * @throws LensError of the model, the data and the runtime, each with its own code.
 */
export const openNetwork = async (request: FilledRequest, signal: AbortSignal | undefined, keeper: GraphKeeper = oneShot, choose: ChooseRuntime = untried, most: number | null = null): Promise<OpenNetwork> => {
  const opened = await openModel(request.model, { keepTied: request.keepTied === true });
  const file = { ...opened, sha256: await hashOfModel(opened) };
  const choices = chooseParameters(file.model.graph, request.parameters);
  const names = choices.filter((c) => c.chosen).map((c) => c.name);
  refuseNaNWeights(file, new Set(names));
  const raw = await readDataset(request.data, request);
  const data: RawDataset = { ...raw, x: convertTo(raw.x, checkShape(file, raw)) };
  throwIfAborted(signal);
  const samples = data.x.shape[0] ?? 0;
  const stored = batchesOf(data.x);
  const { precision } = request;
  const { runtime: engine, memory, ...chosen } = await choose(request);
  const key = once(() => graphKey(structureHash(file.model, names), `${data.x.dtype}[${data.x.shape.slice(1).join()}]`, request, engine));
  const graphs = await keeper.open(key, async () => NetworkGraphs.open({ runtime: engine, model: file.model, names, precision, batches: stored, memory: (await memory?.()) ?? null }));
  const { runtime, source } = graphs;
  try {
    graphs.use(stored);
    const probe = await graphs.network(2);
    const room: RunRoom = { ...roomFor(request.memory, graphs.memory), ...(most === null ? {} : { most }) };
    const sized = (own: RunRoom): number => (source.fixedBatch === null ? productBatch(probe, samples, request.batch, own) : probe.batch);
    const network = source.fixedBatch === null ? await graphs.network(sized(room)) : probe;
    const value = precision === "double" ? widenTensor : (tensor: Tensor): Tensor => tensor;
    const weights = Object.fromEntries(names.flatMap((name) => {
      const initializer = file.model.graph.initializers.get(name);
      return initializer ? [[name, value(initializer.load())] as const] : [];
    }));
    const batches = batchesFor(data.x, precision);
    if (precision === "double") await checkDouble(runtime, network);
    return { file, data, choices, runtime, chosen, precision, graphs, graphKey: key, source, network, ruleless: rulelessParameters(network), weights, batches, samples, room, processBatch: Math.min(network.batch, sized(processRoom(request.memory))), settle: () => keeper.settle(graphs), dispose: () => keeper.release(graphs) };
  } catch (error) {
    await keeper.release(graphs);
    throw error;
  }
};

/** Loads the forward pass, so that a float64 kernel that is not there is told before any work. @throws LensError JACOBIAN_PRECISION. */
const checkDouble = async (runtime: Runtime, { lowered, output }: Network): Promise<void> => {
  try {
    const compiled = await compile(runtime, { inputs: lowered.program.inputs, steps: lowered.program.steps, outputs: [output] });
    await compiled.dispose();
  } catch (error) {
    if (!(error instanceof LensError) || error.code !== "RUNTIME_LOAD") throw error;
    throw new LensError("JACOBIAN_PRECISION", `The model cannot be computed in float64: ${error.message}`, "Use --precision single: sums and everything after the per-sample gradients are float64 anyway.", { cause: error });
  }
};
