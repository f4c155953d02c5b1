import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { deserialize } from "node:v8";
import type { ResultView } from "../../protocol/lens.ts";
import { RESULT_FILES, STORED_VERSION, type ResultSummary, type StoredSummary } from "../../protocol/worker.ts";

/** One stored result as the index holds it: its headline figures, and when it was last looked at (milliseconds since 1970). */
export interface StoredResult {
  readonly id: string;
  readonly summary: ResultSummary;
  readonly used: number;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const NUMBERS = ["seconds", "samples", "outputs", "parameters", "opset", "fallback", "largest", "rank", "alpha", "checksPassed", "checksMade", "warnings"] as const;
const TEXTS = ["model", "data", "created", "producer", "provider", "method", "rule"] as const;

const isStoredSummary = (value: unknown): value is StoredSummary => {
  if (!isRecord(value) || value.version !== STORED_VERSION || !isRecord(value.summary)) return false;
  const { summary } = value;
  return NUMBERS.every((key) => typeof summary[key] === "number") && TEXTS.every((key) => typeof summary[key] === "string");
};

const isResultView = (value: unknown): value is ResultView => isRecord(value) && value.state === "done" && value.singularValues instanceof Float64Array;

/** The summary in a result's folder. @throws Error on a file that is missing, no JSON, or of another version. */
export const readStored = async (folder: string, id: string): Promise<StoredResult> => {
  const file = path.join(folder, id, RESULT_FILES.summary);
  const [content, { mtimeMs }] = await Promise.all([readFile(file, "utf8"), stat(file)]);
  const stored: unknown = JSON.parse(content);
  if (!isStoredSummary(stored)) throw new Error(`${file} is no summary of version ${STORED_VERSION}`);
  return { id, summary: stored.summary, used: mtimeMs };
};

/** Replaces a summary whole; its modification time says when the result was last used. */
export const writeStored = async (folder: string, { id, summary }: StoredResult): Promise<void> => {
  const file = path.join(folder, id, RESULT_FILES.summary);
  const stored: StoredSummary = { version: STORED_VERSION, summary };
  await writeFile(`${file}.partial`, JSON.stringify(stored));
  await rename(`${file}.partial`, file);
};

/** The view in a result's folder. @throws Error on a file that is missing, damaged, or of another version. */
export const readStoredView = async (folder: string, id: string): Promise<ResultView> => {
  const file = path.join(folder, id, RESULT_FILES.view);
  const stored: unknown = deserialize(await readFile(file));
  if (!isRecord(stored) || stored.version !== STORED_VERSION || !isResultView(stored.view)) throw new Error(`${file} is no view of version ${STORED_VERSION}`);
  return stored.view;
};

const ABANDONED = 3_600_000;

/** The ids found in the results' folder. What a killed worker left half-written more than an hour ago is removed. */
export const listStored = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  await Promise.all(folders.filter((name) => name.endsWith(".partial")).map(async (name) => {
    const place = path.join(folder, name);
    const { mtimeMs } = await stat(place);
    if (Date.now() - mtimeMs > ABANDONED) await rm(place, { recursive: true, force: true });
  }));
  return folders.filter((name) => !name.endsWith(".partial"));
};
