import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { AnalysisResult } from "../../src/analysis/result.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A path inside the repository. */
export const inRepository = (...parts: string[]): string => path.join(ROOT, ...parts);

/** A folder of its own for one test file. */
export const scratch = (): string => mkdtempSync(path.join(tmpdir(), "lens-reference-"));

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line to its end, as a user's shell would. */
export const jacobianLens = (...args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(process.execPath, [inRepository("dist/cli.cjs"), ...args], { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ status, stdout, stderr });
    });
  });

/** `analyze … --json -`, its result. */
export const analyze = async (...args: readonly string[]): Promise<AnalysisResult> => {
  const { status, stdout, stderr } = await jacobianLens("analyze", ...args, "--json", "-");
  if (status !== 0) throw new Error(`analyze ${args.join(" ")} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as AnalysisResult;
};
