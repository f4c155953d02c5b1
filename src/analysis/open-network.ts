import { LensError, throwIfAborted } from "../core/errors.ts";
import type { DType, Tensor } from "../core/tensor.ts";
import { gatherRows, rowsOf } from "../data/batches.ts";
import { convertTo } from "../data/convert.ts";
import type { RawDataset } from "../data/dataset.ts";
import { readDataset } from "../data/read-dataset.ts";
import { factorProgram, type FactorProgram } from "../jacobian/factor-program.ts";
import { type Batches, type Network, type NetworkSource, openNetworkSource } from "../jacobian/network.ts";
import { chooseParameters, type ParameterChoice } from "../onnx/parameters.ts";
import { openRuntime } from "../runtime/ort.ts";
import type { Runtime } from "../runtime/session.ts";
import type { FilledRequest } from "./defaults.ts";
import { hashOfModel, type ModelFile, openModel, refuseNaNWeights } from "./model-file.ts";

/** Model and data, read, checked against one another, and ready to be differentiated. */
export interface OpenNetwork {
  readonly file: ModelFile & { readonly sha256: string };
  readonly data: RawDataset;
  readonly choices: readonly ParameterChoice[];
  readonly runtime: Runtime;
  /** The network at the batch size of plain products. */
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

/** Bytes that the forward values of one run may take: small enough for the cache to help, large enough for full products. */
const RUN_BYTES = 2 ** 27;

/** Samples of one run, at most. */
const LARGEST_RUN = 4096;

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

/** The largest even split of n into batches of at most `limit`, and of two at least: a batch of one hides which axis holds the samples. */
const evenBatch = (n: number, limit: number): number => Math.max(2, Math.ceil(n / Math.ceil(n / Math.max(1, limit))));

/** Sizes of the runs: samples in a batch of the first stage, cotangents of each that the second takes at once, and samples of a plain product. */
interface Sizes {
  readonly batch: number;
  readonly together: number;
  readonly product: number;
}

const sizesOf = ({ bytesPerSample, outputs }: Network, samples: number, asked: number | undefined): Sizes => {
  const rows = Math.min(LARGEST_RUN, Math.max(8, Math.floor(RUN_BYTES / Math.max(1, bytesPerSample))));
  const together = Math.min(outputs, Math.max(1, Math.floor(rows / 2)));
  const batch = asked ?? evenBatch(samples, Math.floor(rows / together));
  return { batch, together, product: asked ?? evenBatch(samples, rows) };
};

interface Built {
  readonly network: Network;
  readonly program: FactorProgram;
  readonly edge: number;
}

/** The networks of both stages and of plain products; one sample at a time where a parameter's use has no per-sample structure. */
const build = async (source: NetworkSource, samples: number, asked: number | undefined): Promise<Built> => {
  const probe = await source.at(2);
  const edge = evenBatch(samples, Math.max(1, Math.floor(TILE_ROWS / probe.outputs)));
  if (source.fixedBatch !== null) return { network: probe, edge, program: factorProgram(await source.at(source.fixedBatch), probe, samples, edge) };
  const { batch, together, product } = sizesOf(probe, samples, asked);
  const narrow = await source.at(batch);
  const program = factorProgram(narrow, together === 1 ? narrow : await source.at(batch * together), samples, edge);
  if (program.solo.length === 0 || batch === 1) return { network: await source.at(product), edge, program };
  const single = await source.at(1);
  return { network: await source.at(product), edge, program: factorProgram(single, single, samples, edge) };
};

/**
 * Opens model and data and prepares the network: traces it, lowers it, and writes its per-sample factors. The batch is the one asked for, or
 * as many samples as keep a run's values within the cache's reach.
 * @throws LensError of the model, the data and the derivative rules, each with its own code.
 */
export const openNetwork = async (request: FilledRequest, signal: AbortSignal | undefined): Promise<OpenNetwork> => {
  const opened = await openModel(request.model, { keepTied: request.keepTied === true });
  const file = { ...opened, sha256: await hashOfModel(opened) };
  const choices = chooseParameters(file.model.graph, request.parameters);
  const names = choices.filter((c) => c.chosen).map((c) => c.name);
  refuseNaNWeights(file, new Set(names));
  const raw = await readDataset(request.data, request);
  const data: RawDataset = { ...raw, x: convertTo(raw.x, checkShape(file, raw)) };
  throwIfAborted(signal);
  const samples = data.x.shape[0] ?? 0;
  const batches = batchesOf(data.x);
  const runtime = openRuntime(request.provider === "auto" ? "cpu" : request.provider);
  const source = await openNetworkSource(runtime, file.model, names, batches);
  try {
    const built = await build(source, samples, request.batch);
    const weights = Object.fromEntries(names.flatMap((name) => {
      const initializer = file.model.graph.initializers.get(name);
      return initializer ? [[name, initializer.load()] as const] : [];
    }));
    return { file, data, choices, runtime, weights, batches, samples, ...built };
  } finally {
    await source.dispose();
  }
};
