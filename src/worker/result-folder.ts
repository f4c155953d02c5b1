import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { serialize } from "node:v8";
import type { AnalysisResult } from "../analysis/result.ts";
import { replaceFile } from "../analysis/whole-file.ts";
import { LensError } from "../core/errors.ts";
import { toLensView, toSummary } from "../protocol/view.ts";
import { RESULT_FILES, STORED_VERSION, type StoredSummary } from "../protocol/worker.ts";

const writeWhole = (file: string, content: string | Uint8Array): Promise<void> => replaceFile(file, (beside) => writeFile(beside, content));

/** Writes the view and the summary of a result into its folder. */
export const writeDerived = async (folder: string, runId: string, result: AnalysisResult): Promise<void> => {
  const stored: StoredSummary = { version: STORED_VERSION, summary: toSummary(result) };
  await writeWhole(path.join(folder, RESULT_FILES.view), serialize({ version: STORED_VERSION, view: toLensView(result, runId) }));
  await writeWhole(path.join(folder, RESULT_FILES.summary), JSON.stringify(stored));
};

/** Stores a result as `folder`, complete or not at all. @throws LensError RESULT_WRITE */
export const writeResult = async (folder: string, runId: string, result: AnalysisResult): Promise<void> => {
  const beside = `${folder}.partial`;
  try {
    await mkdir(beside, { recursive: true });
    await writeFile(path.join(beside, RESULT_FILES.result), JSON.stringify(result));
    await writeDerived(beside, runId, result);
    await rename(beside, folder);
  } catch (error) {
    await rm(beside, { recursive: true, force: true }).catch(() => undefined);
    throw new LensError("RESULT_WRITE", `The result could not be stored in ${folder}: ${String(error)}.`, "Make room on that disk, or delete older results.", { cause: error });
  }
};

/** The result stored in a folder. @throws LensError RESULT_READ when it is missing, no JSON, or of another schema. */
export const readResult = async (folder: string): Promise<AnalysisResult> => {
  const file = path.join(folder, RESULT_FILES.result);
  const fail = (why: string): never => {
    throw new LensError("RESULT_READ", `${file} could not be read: ${why}.`, "Delete this result and run the analysis again.");
  };
  const content: unknown = await readFile(file, "utf8").then(JSON.parse).catch((error: unknown) => fail(String(error)));
  if (typeof content !== "object" || content === null || !("schema" in content) || content.schema !== 1) return fail("it is no result of schema 1");
  return content as AnalysisResult;
};
