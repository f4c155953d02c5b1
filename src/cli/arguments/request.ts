import type { AnalysisRequest, CutoffRule } from "../../analysis/request.ts";
import { LensError } from "../../core/errors.ts";
import type { Arguments } from "./parse.ts";
import { bytesOf, choiceOf, countOf, deviceOf, positiveOf, seedOf, shareOf } from "./values.ts";

/** An object without its undefined fields, as optional properties want it. */
const defined = <T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [Key in keyof T]?: Exclude<T[Key], undefined> };

const cutoffOf = (args: Arguments): CutoffRule | undefined => {
  const values = { rank: countOf(args, "rank"), alpha: positiveOf(args, "alpha"), relative: shareOf(args, "relative"), energy: shareOf(args, "energy") };
  const kinds = (["rank", "alpha", "relative", "energy"] as const).filter((kind) => values[kind] !== undefined);
  if (kinds.length > 1) throw new LensError("USAGE_CONFLICT", `${kinds.map((kind) => `--${kind}`).join(" and ")}: only one cut-off can be chosen`, "Give one of --rank, --alpha, --relative, --energy.");
  const [kind] = kinds;
  const value = kind && values[kind];
  return kind === undefined || value === undefined ? undefined : { kind, value };
};

const dataOf = (args: Arguments): string => {
  const data = args.text("data");
  if (data === undefined) throw new LensError("USAGE_MISSING", "--data FILE: is missing", "Name the .npz, .npy or .csv file with inputs and labels.");
  return data;
};

/** The request that the data and model options stand for. @throws LensError USAGE_*. */
export const commonRequest = (args: Arguments, model: string): AnalysisRequest => ({
  model,
  data: dataOf(args),
  ...defined({
    x: args.text("x"),
    y: args.text("y"),
    samples: countOf(args, "samples"),
    shuffle: args.flag("shuffle") || undefined,
    seed: seedOf(args, "seed"),
    batch: countOf(args, "batch"),
    parameters: args.all("parameters").length > 0 ? args.all("parameters") : undefined,
    keepTied: args.flag("keep-tied") || undefined,
    precision: choiceOf(args, "precision", ["single", "double"]),
    provider: choiceOf(args, "provider", ["auto", "cpu", "cuda", "webgpu", "dml", "coreml"]),
    deviceId: deviceOf(args, "device"),
    strictProvider: args.flag("strict-provider") || undefined,
    memory: bytesOf(args, "memory"),
  }),
});

/** The request of `analyze`. @throws LensError USAGE_*. */
export const analyzeRequest = (args: Arguments, model: string): AnalysisRequest => ({
  ...commonRequest(args, model),
  ...defined({
    loss: choiceOf(args, "loss", ["l2", "cross-entropy"]),
    method: choiceOf(args, "method", ["auto", "gram", "rows", "krylov", "sketch", "finite-difference"]),
    cutoff: cutoffOf(args),
    learningRate: positiveOf(args, "learning-rate"),
    gram: args.text("gram") === undefined ? undefined : true,
  }),
});
