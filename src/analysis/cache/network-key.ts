import { createHash } from "node:crypto";
import { endianness } from "node:os";
import { version } from "../../../package.json";
import type { FilledRequest } from "../defaults.ts";

/** What of a request neither the graphs nor their numbers depend on, or depend on through what is named apart. */
const ASIDE = new Set<keyof FilledRequest>([
  "model", "data", "x", "y", "samples", "shuffle", "seed", "batch", "parameters", "keepTied", "loss", "method", "provider", "cutoff", "learningRate", "gamma", "delta", "memory", "gram",
]);

/** The rest of a request, as text: what a later version adds tells networks apart until it is said not to. */
const remainder = (request: FilledRequest): string =>
  JSON.stringify(Object.entries(request).filter(([name, value]) => value !== undefined && !(ASIDE as ReadonlySet<string>).has(name)).sort(([a], [b]) => a.localeCompare(b)));

/** The part of an execution engine that numbers may depend on. */
export interface Engine {
  readonly provider: string;
  readonly version: string;
  readonly threads: number;
}

const join = (parts: readonly unknown[]): string => createHash("sha256").update(JSON.stringify(parts)).digest("hex");

/** The key of compiled derivative graphs: those of two checkpoints agree. `row`: type and shape of one sample. */
export const graphKey = (structure: string, row: string, request: FilledRequest, { provider, version: runtime, threads }: Engine): string =>
  join([structure, row, remainder(request), provider, runtime, threads]);

/** The key of Gram matrices: graphs, weights, the parameters that are differentiated exactly, and the versions that computed them. */
export const gramKey = (graphs: string, weights: string, parameters: readonly string[]): string => join([version, endianness(), graphs, weights, parameters]).slice(0, 40);
