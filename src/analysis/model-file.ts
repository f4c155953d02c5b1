import { createHash } from "node:crypto";
import { openSync, closeSync, fstatSync, readSync, realpathSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { LensError } from "../core/errors.ts";
import { isFloat, sizeOf } from "../core/tensor.ts";
import { sha256OfFile } from "../data/file-hash.ts";
import type { Initializer, Model } from "../onnx/graph.ts";
import { readModel } from "../onnx/read.ts";
import { rewriteModel } from "../onnx/rewrite/index.ts";
import type { ModelWarning, RewriteOptions } from "../onnx/rewrite/pass.ts";
import type { ExternalReader } from "../onnx/tensor-data.ts";

/** A model file, read and brought into the form that everything else expects. */
export interface ModelFile {
  readonly path: string;
  readonly model: Model;
  /** What the user should know about how the file was exported. */
  readonly warnings: readonly ModelWarning[];
}

const LARGEST = 2 ** 31 - 1;

const refuse = (model: string, location: string, why: string): LensError =>
  new LensError("MODEL_EXTERNAL", `${model}: external data "${location}" ${why}.`, "Keep the files with the weights in the model's folder, under the names it was exported with.");

/** The path of a file beside a model. @throws LensError MODEL_EXTERNAL for one that is not there or lies outside the model's folder, links followed. */
const besideModel = (model: string, location: string): string => {
  const folder = realpathSync(path.dirname(model));
  let file: string;
  try {
    file = realpathSync(path.resolve(folder, location));
  } catch {
    throw refuse(model, location, "is not there");
  }
  const inside = path.relative(folder, file);
  if (path.isAbsolute(location) || path.isAbsolute(inside) || inside.split(path.sep)[0] === "..") throw refuse(model, location, "lies outside the model's folder");
  return file;
};

/** Reads ranges of files that lie in the model's own folder, and of no other. @throws LensError MODEL_EXTERNAL. */
const externalReader = (model: string): ExternalReader =>
  (location, offset, length) => {
    const handle = openSync(besideModel(model, location), "r");
    try {
      if (fstatSync(handle).size < offset + length) throw refuse(model, location, "is shorter than the model says");
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) at += readSync(handle, bytes, at, Math.min(length - at, 2 ** 30), offset + at);
      return bytes;
    } finally {
      closeSync(handle);
    }
  };

/**
 * SHA-256 of a model: of its file; where weights lie in other files, of the digests of all of them, one a line, since checkpoints may differ
 * in those alone. Cost: reads every byte, as a stream. @throws LensError MODEL_EXTERNAL.
 */
export const hashOfModel = async ({ path: file, model }: ModelFile): Promise<string> => {
  const own = await sha256OfFile(file);
  const others = model.externalFiles ?? [];
  if (others.length === 0) return own;
  const hash = createHash("sha256").update(`${own}\n`);
  for (const location of others) hash.update(`${await sha256OfFile(besideModel(file, location))}\n`);
  return hash.digest("hex");
};

/**
 * Reads a model file and rewrites it. External data are read when a tensor is asked for, by range, and never from outside the model's folder:
 * opening a model costs what its file without them costs.
 * @throws LensError MODEL_MISSING, MODEL_FILE (unreadable, over 2 GB), MODEL_EXTERNAL, and what `readModel` and the rewrite passes throw.
 */
export const openModel = async (file: string, options: RewriteOptions = {}): Promise<ModelFile> => {
  const facts = await stat(file).catch((error: unknown) => {
    const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new LensError(absent ? "MODEL_MISSING" : "MODEL_FILE", absent ? `${file}: there is no such file.` : `${file}: cannot be read (${error instanceof Error ? error.message : String(error)}).`, "Check the path and its permissions.", { cause: error });
  });
  if (!facts.isFile()) throw new LensError("MODEL_FILE", `${file}: is not a file.`, "Give the path of an .onnx file.");
  if (facts.size > LARGEST) throw new LensError("MODEL_FILE", `${file}: is larger than 2 GB.`, "Export the model with its weights as external data.");
  const bytes = await readFile(file);
  return { path: file, ...rewriteModel(readModel(bytes, file, externalReader(file)), options) };
};

/** Entries looked at together: 16 MiB of float32. */
const PIECE = 2 ** 22;

/** The content of an initializer in pieces of at most `entries`, from its start; in one piece where it cannot be read by ranges. */
export function* piecesOf(initializer: Initializer, entries = PIECE): Generator<{ readonly from: number; readonly data: ReturnType<Initializer["load"]>["data"] }> {
  const count = sizeOf(initializer.shape);
  if (!initializer.loadRange) yield { from: 0, data: initializer.load().data };
  else for (let from = 0; from < count; from += entries) yield { from, data: initializer.loadRange(from, Math.min(entries, count - from)) };
}

/** Whether every entry is finite: v − v is 0 of those, and NaN of the others. */
const allFinite = (data: Float32Array | Float64Array): boolean => {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! - data[i]!;
  return sum === 0;
};

/**
 * Refuses a NaN in any weight, and an infinite entry of a chosen one (of others it may be meant, as in attention masks): every number
 * computed from them would be NaN. Cost: one pass over all floating tensors, a piece at a time. @throws LensError MODEL_NAN naming tensor and entry.
 */
export const refuseNaNWeights = ({ path: file, model }: Pick<ModelFile, "path" | "model">, chosen: ReadonlySet<string>): void => {
  for (const initializer of model.graph.initializers.values()) {
    if (!isFloat(initializer.dtype)) continue;
    const isBad = chosen.has(initializer.name) ? (value: number | bigint) => !Number.isFinite(value) : (value: number | bigint) => Number.isNaN(value);
    for (const { from, data } of piecesOf(initializer)) {
      if ((data instanceof Float32Array || data instanceof Float64Array) && allFinite(data)) continue;
      for (let i = 0; i < data.length; i++) {
        if (!isBad(data[i]!)) continue;
        throw new LensError("MODEL_NAN", `${file}: entry ${from + i} of "${initializer.name}" is ${String(data[i])}.`, "Training diverged or the file is damaged: take an earlier checkpoint.");
      }
    }
  }
};
