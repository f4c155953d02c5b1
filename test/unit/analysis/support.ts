import path from "node:path";
import { fileURLToPath } from "node:url";
import { analyse } from "../../../src/analysis/pipeline.ts";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import type { AnalysisResult } from "../../../src/analysis/result.ts";
import { silent } from "../../../src/core/progress.ts";
import { toFloat64 } from "../../../src/core/tensor.ts";
import { openDataFile } from "../../../src/data/open.ts";

const CASES = fileURLToPath(new URL("../../fixtures/reference/", import.meta.url));

/** An analysis of a reference case. */
export const reference = (name: string, rest: Partial<AnalysisRequest> = {}): AnalysisRequest => ({ model: path.join(CASES, name, "model.onnx"), data: path.join(CASES, name, "data.npz"), ...rest });

export const run = async (request: AnalysisRequest): Promise<AnalysisResult> => (await analyse(request, { progress: silent })).result;

/** An array that float64 autograd and numpy computed of a reference case. */
export const expectedOf = async (name: string, array: string): Promise<Float64Array> => {
  const file = await openDataFile(path.join(CASES, name, "expected.npz"));
  const found = file.arrays.find((a) => a.name === array)!;
  const values = toFloat64(await found.read(0, found.shape[0]!));
  await file.close();
  return values;
};

/** The largest difference of two lists as far as both go. */
export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.max(...Array.from({ length: Math.min(a.length, b.length) }, (_, i) => Math.abs(a[i]! - b[i]!)));

export const bounds = (result: AnalysisResult): readonly number[] => {
  const { errors } = result;
  if (!Array.isArray(errors)) throw new Error("the result has an error bar for each value");
  return errors as readonly number[];
};
