import type { ProductCosts } from "../../jacobian/cost/product-cost.ts";
import type { ProgramCost } from "../../jacobian/cost/program-cost.ts";
import type { FilledRequest } from "../defaults.ts";
import { eigenBytes, eigenMatrixBytes } from "../methods/sizes.ts";
import type { MethodName } from "../request.ts";
import { isApart, type OpenNetwork } from "../open-network.ts";
import type { MemoryPart, MethodPlan } from "./plan.ts";
import { ARENA_LIMIT, shownBytes } from "./plan.ts";
import { EIGEN_ORDER, type Throughput } from "./throughput.ts";

/** What every estimate starts from. */
export interface Situation {
  readonly open: OpenNetwork;
  readonly request: FilledRequest;
  readonly rates: Throughput;
  /** Bytes resident now. */
  readonly base: number;
  /** n·K. */
  readonly rows: number;
  /** p. */
  readonly columns: number;
  /** Singular vectors that the cut-off is expected to need. */
  readonly rank: number;
  /** Products with respect to the parameters that have rules; null where none has. */
  readonly products: ProductCosts | null;
}

/** An estimate before it is compared with the limits. */
export interface Estimate {
  readonly flops: number;
  readonly parts: readonly MemoryPart[];
  readonly seconds: number;
  /** Bytes that graphs take on the device; 0 when absent: they are in the process. */
  readonly device?: number;
  /** What the linear algebra kernels hold in one WebAssembly memory; absent where that is little. */
  readonly arena?: readonly MemoryPart[];
}

/** Whether the methods that need derivative rules for all parameters can be used. */
export const hasAllRules = ({ open }: Situation): boolean => open.ruleless.length === 0;

/** Whether some parameters have rules. */
export const hasRules = ({ products }: Situation): boolean => products !== null;

/** Vectors carried through an eigenproblem: labels, residual, their permutations, one of a check. */
export const CARRIED = 23;

/** Shares of the measured rates that graphs of real networks reach: their products are smaller, their arrays larger than the ones measured. */
const REACHED = { products: 0.5, moved: 0.4, kernel: 0.5, step: 0.25 } as const;

/** Seconds that a step takes until its graph is built, optimised and loaded. */
const LOAD_STEP = 2.5e-4;

/** Seconds of every analysis beside what is counted: model and data are read and traced, checks made, by code that the engine still compiles. */
const STARTING = 0.6;

/** Seconds of one run of a graph. */
export const runSeconds = ({ products, moved, steps }: ProgramCost, rates: Throughput): number =>
  products.single / (REACHED.products * rates.single) + products.double / (REACHED.products * rates.double) + moved / (REACHED.moved * rates.moved) + (steps * rates.step) / REACHED.step;

export const loadSeconds = ({ steps }: ProgramCost): number => steps * LOAD_STEP;

/** Seconds of FLOPs in the linear algebra kernels. */
export const kernelSeconds = (flops: number, rates: Throughput): number => flops / (REACHED.kernel * rates.kernel);

/** FLOPs of the dense eigenproblem of order n with so many vectors carried along or returned. */
export const eigenFlops = (n: number, vectors: number): number => (4 / 3) * n ** 3 + 4 * n * n * vectors;

/** Seconds of the same; the kernels come nearer to their best rate as n grows. */
export const eigenSeconds = (n: number, vectors: number, rates: Throughput): number =>
  eigenFlops(n, vectors) / (rates.eigen * ((3 * n) / (n + 2 * EIGEN_ORDER)));

/** ONNX Runtime's arena grows by doubling, and orders steps its own way: what it holds beside what is alive (measured: 1.1 to 1.8). */
const ARENA = 1.8;

/** Bytes that loaded graphs keep from their first run on, in the process and on the device. */
export interface SessionBytes {
  readonly process: number;
  readonly device: number;
}

/** Graphs that run in the process, with the copies of their results, of which two generations wait to be collected. */
export const hostSessions = (costs: readonly ProgramCost[]): SessionBytes =>
  ({ process: costs.reduce((sum, { live, results, steps }) => sum + ARENA * live + 2 * results + 2 ** 13 * steps, 0), device: 0 });

/** Graphs that run on a device with memory of its own: what they hold is there, with copies of what they are fed, and only their results are here. */
export const deviceSessions = (costs: readonly ProgramCost[]): SessionBytes =>
  ({ process: costs.reduce((sum, { results, steps }) => sum + 2 * results + 2 ** 13 * steps, 0), device: costs.reduce((sum, { live, fed }) => sum + ARENA * (live + fed), 0) });

/** Graphs that run on the provider. */
export const sessions = (costs: readonly ProgramCost[], { open }: Pick<Situation, "open">): SessionBytes => (isApart(open) ? deviceSessions : hostSessions)(costs);

/** What estimates leave out, as a share of what they hold. */
const MARGIN = 0.08;

/** Bytes that a method's parts may add up to, so that they fit with the margin. */
export const roomOf = ({ request, base }: Pick<Situation, "request" | "base">): number => request.memory / (1 + MARGIN) - base - HEAP.bytes;

/** V8's own heap, which grows with the work beside what `base` holds. */
export const HEAP: MemoryPart = { what: "JavaScript heap", bytes: 48 * 2 ** 20, power: 0 };

const total = (parts: readonly MemoryPart[]): number => parts.reduce((sum, { bytes }) => sum + bytes, 0);

/** The margin of parts, which grows with the samples as they do. */
const leftOut = (parts: readonly MemoryPart[]): readonly MemoryPart[] =>
  ([0, 1, 2] as const)
    .map((power): MemoryPart => ({ what: "what estimates leave out", bytes: Math.ceil(MARGIN * total(parts.filter((part) => part.power === power))), power }))
    .filter(({ bytes }) => bytes > 0);

/** What the dense eigenproblem of order n with so many vectors holds; `grows`: n does so with the samples. */
export const eigenParts = (n: number, vectors: number, grows: boolean): readonly [MemoryPart, MemoryPart] => {
  const matrix = eigenMatrixBytes(n);
  return [{ what: `eigenvalues of a matrix [${n}, ${n}]`, bytes: matrix, power: grows ? 2 : 0 }, { what: "vectors carried through them", bytes: eigenBytes(n, vectors) - matrix, power: grows ? 1 : 0 }];
};

/** A plan from an estimate: whether it fits the memory, and why not. */
export const weighed = ({ base, request }: Pick<Situation, "base" | "request">, method: MethodName, returns: string, { flops, parts, seconds, device = 0, arena }: Estimate): MethodPlan => {
  const counted: readonly MemoryPart[] = [{ what: "process with model and data", bytes: base, power: 0 as const }, HEAP, ...parts].filter(({ bytes }) => bytes > 0).map((own) => ({ ...own, bytes: Math.ceil(own.bytes) }));
  const all = [...counted, ...leftOut(counted)];
  const [memory, piece] = [total(all), total(arena ?? [])];
  const [largest] = [...all].sort((a, b) => b.bytes - a.bytes);
  const tooMuch = memory > request.memory ? `needs ${shownBytes(memory)}, ${shownBytes(request.memory)} are allowed; most is for ${largest?.what ?? ""} (${shownBytes(largest?.bytes ?? 0)})` : null;
  const tooLarge = piece > ARENA_LIMIT ? `needs ${shownBytes(piece)} in one piece for its eigenvalues, ${shownBytes(ARENA_LIMIT)} at most can be had` : null;
  const why = tooLarge ?? tooMuch;
  return { method, flops: Math.round(flops), memory, device: device > 0 ? Math.ceil(device) : null, parts: all, arena: arena ?? null, seconds: STARTING + seconds, returns, fits: why === null, why };
};

/** A plan of a method that cannot be used on this request at all. */
export const unusable = (method: MethodName, returns: string, why: string): MethodPlan => ({ method, flops: null, memory: null, device: null, parts: [], arena: null, seconds: null, returns, fits: false, why });
