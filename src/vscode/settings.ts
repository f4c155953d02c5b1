import type { AnalysisRequest, CutoffRule } from "../analysis/request.ts";
import type { ProviderName } from "../runtime/session.ts";
import { SETTINGS } from "./contributions.ts";

/** The value of a setting by its key below "jacobianLens", of whatever type the user wrote. */
export type ReadSetting = (key: string) => unknown;

const PROVIDERS: readonly (ProviderName | "auto")[] = ["auto", "cpu", "cuda", "webgpu", "dml", "coreml"];

const positive = (value: unknown): number | undefined => (typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined);

const cutoffOf = (rule: unknown, value: unknown): CutoffRule | undefined => {
  if (rule === "gap") return { kind: "gap" };
  const number = positive(value);
  if (number === undefined) return undefined;
  return rule === "rank" || rule === "alpha" || rule === "relative" || rule === "energy" ? { kind: rule, value: number } : undefined;
};

const GIBIBYTE = 1024 ** 3;

/**
 * The part of a request that settings give. What is unset, or is no value of its kind, is left to the pipeline's defaults; the rule "classes"
 * is that default, rank K².
 */
export const requestFromSettings = (read: ReadSetting): Partial<AnalysisRequest> => {
  const cutoff = cutoffOf(read(SETTINGS.cutoffRule), read(SETTINGS.cutoffValue));
  const provider = PROVIDERS.find((name) => name === read(SETTINGS.provider));
  const deviceId = read(SETTINGS.deviceId);
  const samples = positive(read(SETTINGS.samples));
  const memory = positive(read(SETTINGS.memory));
  return {
    ...(cutoff ? { cutoff } : {}),
    ...(provider ? { provider } : {}),
    ...(typeof deviceId === "number" && Number.isInteger(deviceId) && deviceId >= 0 ? { deviceId } : {}),
    ...(read(SETTINGS.strictProvider) === true ? { strictProvider: true } : {}),
    ...(samples !== undefined && Number.isInteger(samples) ? { samples } : {}),
    ...(memory !== undefined ? { memory: Math.round(memory * GIBIBYTE) } : {}),
  };
};

/** Seconds above which an analysis is shown its plan before it begins; null: never. */
export const longFromSettings = (read: ReadSetting): number | null => {
  const seconds = read(SETTINGS.confirmAbove);
  if (seconds === null) return null;
  return typeof seconds === "number" && seconds >= 0 ? seconds : 60;
};

/** Milliseconds without a sign of life after which a worker counts as hung; 0: never. */
export const patienceFromSettings = (read: ReadSetting): number => {
  const seconds = read(SETTINGS.workerPatience);
  return 1000 * (typeof seconds === "number" && seconds >= 0 ? seconds : 120);
};

/** Bytes that stored Gram matrices may take; 0: none are kept. */
export const cacheBytesFromSettings = (read: ReadSetting): number => {
  const size = read(SETTINGS.cacheSize);
  return Math.round(GIBIBYTE * (typeof size === "number" && size >= 0 ? size : 2));
};

/** How many results are kept. */
export const capacityFromSettings = (read: ReadSetting): number => Math.round(positive(read(SETTINGS.maximumResults)) ?? 50);
