import { LensError, throwIfAborted } from "../core/errors.ts";
import type { DType, Tensor } from "../core/tensor.ts";
import { sizeOf } from "../core/tensor.ts";
import { gatherRows, rowsOf } from "../data/batches.ts";
import { convertTo } from "../data/convert.ts";
import type { RawDataset } from "../data/dataset.ts";
import { readDataset } from "../data/read-dataset.ts";
import { factorProgram, type FactorProgram } from "../jacobian/factor-program.ts";
import { type Batches, type Network, prepare } from "../jacobian/network.ts";
import { chooseParameters, type ParameterChoice } from "../onnx/parameters.ts";
import { openRuntime } from "../runtime/ort.ts";
import type { Runtime } from "../runtime/session.ts";
import type { FilledRequest } from "./defaults.ts";
import { type ModelFile, openModel, refuseNaNWeights } from "./model-file.ts";

/** Model and data, read, checked against one another, and ready to be differentiated. */
export interface OpenNetwork {
  readonly file: ModelFile;
  readonly data: RawDataset;
  readonly choices: readonly ParameterChoice[];
  readonly runtime: Runtime;
  readonly network: Network;
  readonly program: FactorProgram;
  /** Parameter values by name. */
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly batches: Batches;
  readonly samples: number;
  /** Samples along a Gram tile's edge. */
  readonly edge: number;
}

/** Entries along the edge of a tile: its products stay in the cache. */
const TILE_ROWS = 768;

/** Values of one batch's forward pass, at most. */
const BATCH_BYTES = 2 ** 29;

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

/** The largest even split of n into batches of at most `limit`. */
const evenBatch = (n: number, limit: number): number => Math.ceil(n / Math.ceil(n / Math.max(1, limit)));

/**
 * Opens model and data and prepares the network: traces it, lowers it, and writes its per-sample factors. The batch is the one asked for, or
 * as many samples as fit the cache's size class; one sample at a time where a parameter's use has no per-sample structure.
 * @throws LensError of the model, the data and the derivative rules, each with its own code.
 */
export const openNetwork = async (request: FilledRequest, signal: AbortSignal | undefined): Promise<OpenNetwork> => {
  const file = await openModel(request.model);
  refuseNaNWeights(file);
  const choices = chooseParameters(file.model.graph, request.parameters);
  const names = choices.filter((c) => c.chosen).map((c) => c.name);
  const raw = await readDataset(request.data, request);
  const data: RawDataset = { ...raw, x: convertTo(raw.x, checkShape(file, raw)) };
  throwIfAborted(signal);
  const samples = data.x.shape[0] ?? 0;
  const batches = batchesOf(data.x);
  const runtime = openRuntime(request.provider === "auto" ? "cpu" : request.provider);
  const build = async (batch: number): Promise<{ network: Network; program: FactorProgram; edge: number }> => {
    const network = await prepare(runtime, file.model, names, batches, batch);
    const edge = evenBatch(samples, Math.max(1, Math.floor(TILE_ROWS / network.outputs)));
    return { network, program: factorProgram(network, samples, edge), edge };
  };
  const size = request.batch ?? evenBatch(samples, 64);
  let built = await build(size);
  const fitting = Math.max(1, Math.floor(BATCH_BYTES / built.network.bytesPerSample));
  if (request.batch === undefined && fitting < built.network.batch) built = await build(evenBatch(samples, fitting));
  if (built.program.solo.length > 0 && built.network.batch > 1) built = await build(1);
  const weights = Object.fromEntries(names.flatMap((name) => {
    const initializer = file.model.graph.initializers.get(name);
    return initializer ? [[name, initializer.load()] as const] : [];
  }));
  refuseMismatch(built.network, data);
  return { file, data, choices, runtime, weights, batches, samples, ...built };
};

/** A model of fixed batch size cannot be fed fewer samples than it takes at once, which repeating rows makes up for; nothing else may differ. */
const refuseMismatch = ({ output, batch }: Network, { path }: RawDataset): void => {
  if (sizeOf(output.shape) === 0) throw new LensError("MODEL_OUTPUT", `The model's output is empty for ${batch} samples of ${path}.`, "Check that model and data belong together.");
};
