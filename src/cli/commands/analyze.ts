import { join, resolve } from "node:path";
import type { CacheOptions } from "../../analysis/cache/folder-store.ts";
import type { AnalysisResult } from "../../analysis/result.ts";
import type { Analysis } from "../../analysis/context.ts";
import { LensError } from "../../core/errors.ts";
import { float64 } from "../../core/tensor.ts";
import { ANALYZE_OPTIONS } from "../arguments/options.ts";
import type { Arguments } from "../arguments/parse.ts";
import { analyzeRequest } from "../arguments/request.ts";
import { bytesOf, durationOf } from "../arguments/values.ts";
import { checkOutputs, makeFolder, writeText } from "../output-files.ts";
import { analysisText, checksOf } from "../print/analysis.ts";
import { csvFiles } from "../print/csv.ts";
import { printWarning } from "../print/error.ts";
import { toJson } from "../print/json.ts";
import { short } from "../print/numbers.ts";
import { progressLine } from "../print/progress.ts";
import { styleOf } from "../print/style.ts";
import type { CommandContext, Services } from "../services.ts";
import { withTimeout } from "../timeout.ts";
import type { Command } from "./command.ts";

const writeGram = async (services: Services, path: string, { gram, result }: Analysis): Promise<void> => {
  const size = result.data.samples * result.data.outputs;
  if (!gram) throw new LensError("INTERNAL", "the analysis was asked for its Gram matrix and returned none", "Please report this with the command.");
  await services.writeArray(path, float64([size, size], gram));
};

const writeCsv = async (folder: string, result: AnalysisResult): Promise<void> => {
  for (const [name, text] of Object.entries(csvFiles(result))) await writeText(join(folder, name), text);
};

/** What was asked for, on standard output and in files: one that cannot be written does not keep the others back. @throws the first error. */
const deliver = async (args: Arguments, analysis: Analysis, { services, terminal }: CommandContext): Promise<void> => {
  const { result } = analysis;
  const [json, gram, csv] = [args.text("json"), args.text("gram"), args.text("csv")];
  terminal.out(json === "-" ? toJson(result) : analysisText(result, styleOf(terminal.outColour)));
  const written = await Promise.allSettled([
    json !== undefined && json !== "-" ? writeText(json, toJson(result)) : undefined,
    csv === undefined ? undefined : writeCsv(csv, result),
    gram === undefined ? undefined : writeGram(services, gram, analysis),
  ]);
  const failed = written.find((own) => own.status === "rejected");
  if (failed) throw failed.reason;
};

const refuseFailedChecks = ({ checks }: AnalysisResult): void => {
  const failed = checksOf(checks).filter(({ passed }) => !passed);
  if (failed.length === 0) return;
  const said = failed.map(({ name, error, tolerance }) => `${name} (error ${short(error)}, allowed ${short(tolerance)})`);
  throw new LensError("CHECK_FAILED", `the result is written, but a check of it failed: ${said.join(", ")}`, "Do not trust these figures; try --precision double, and report the model if that does not help.");
};

/** Where `--cache` keeps Gram matrices, made now so that a place that cannot be had is told before the work. @throws LensError USAGE_CONFLICT, USAGE_VALUE, WRITE_FAILED. */
const cacheOf = async (args: Arguments): Promise<{ readonly cache?: CacheOptions }> => {
  const [folder, bytes] = [args.text("cache"), bytesOf(args, "cache-size")];
  if (folder === undefined) {
    if (bytes !== undefined) throw new LensError("USAGE_CONFLICT", "--cache-size: there is no --cache", "Name a folder with --cache.");
    return {};
  }
  await makeFolder(folder);
  return { cache: { folder: resolve(folder), bytes: bytes ?? 2 ** 31 } };
};

/** `analyze MODEL --data FILE`: the Jacobian's spectrum and the split, as a table, JSON, CSV and the Gram matrix. */
export const analyze: Command = {
  name: "analyze",
  computes: true,
  positionals: ["MODEL"],
  usage: "--data FILE [options]",
  summary: "spectrum of the Jacobian, and labels and residual on its information and nuisance spaces",
  options: ANALYZE_OPTIONS,
  run: async (args, context) => {
    const request = analyzeRequest(args, args.positionals[0] ?? "");
    const patience = durationOf(args, "timeout");
    await checkOutputs({ text: args.text("json"), arrays: [args.text("gram")] });
    const folder = args.text("csv");
    if (folder !== undefined) await makeFolder(folder);
    const cache = await cacheOf(args);
    const quiet = args.flag("quiet");
    const line = progressLine(context.terminal, quiet);
    let analysis: Analysis;
    try {
      analysis = await withTimeout(patience, context, (signal) => context.services.analyse(request, { progress: line.report, signal, ...cache }));
    } finally {
      line.end();
    }
    if (!quiet) for (const warning of analysis.result.model.warnings) printWarning(warning, context.terminal);
    await deliver(args, analysis, context);
    refuseFailedChecks(analysis.result);
    return 0;
  },
};
