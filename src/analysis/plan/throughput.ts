import { random } from "../../core/random.ts";
import { float32, float64, type Tensor } from "../../core/tensor.ts";
import { symmetricSpectrum } from "../../linalg/eigen.ts";
import { gramMatrix } from "../../linalg/matrix-product.ts";
import { GraphBuilder } from "../../onnx/builder.ts";
import { emit } from "../../onnx/emit.ts";
import type { Executor } from "../../onnx/executor.ts";
import type { Program, Value } from "../../onnx/value.ts";

/** How fast this machine is, as measured here and now. */
export interface Throughput {
  /** FLOPs a second of matrix products through the provider. */
  readonly single: number;
  /** The same in float64; that of the linear algebra kernels where the provider has none. */
  readonly double: number;
  /** Bytes a second that entry-by-entry steps read and write. */
  readonly moved: number;
  /** Seconds that a step of a graph takes beside its work. */
  readonly step: number;
  /** FLOPs a second of the linear algebra kernels' products, on one thread. */
  readonly kernel: number;
  /** FLOPs a second of the symmetric eigensolver at order EIGEN_ORDER. */
  readonly eigen: number;
  /** Seconds that measuring took. */
  readonly measuring: number;
}

/** Order of the matrix that the eigensolver is measured on. */
export const EIGEN_ORDER = 384;

/** Order of the matrices that are multiplied. */
const ORDER = { float32: 640, float64: 448 } as const;

/** Entries of the array that entry-by-entry steps are measured on, and how many of them follow one another. */
const ENTRIES = 2 ** 20;
const CHAIN = 4;

/** Steps of the graph of small steps. */
const SMALL_STEPS = 64;

const now = (): number => performance.now() / 1000;

/** The best of a few runs: whatever else the machine does only makes a run longer. */
const best = async (times: number, work: () => Promise<unknown>): Promise<number> => {
  let least = Infinity;
  for (let i = 0; i < times; i++) {
    const start = now();
    await work();
    least = Math.min(least, now() - start);
  }
  return Math.max(least, 1e-6);
};

/** Seconds that a first run may take before it is taken for the measurement: on a software GPU the next ones take as long. */
const PATIENCE = 0.5;

const timed = async (executor: Executor, program: Program, feeds: Readonly<Record<string, Tensor>>, times: number): Promise<number> => {
  // Where the provider has no float64, what needs it runs on the CPU.
  const onHost = executor.capabilities?.doubleProducts === false && program.inputs.some(({ dtype }) => dtype === "float64");
  const session = await executor.load(emit(program), onHost ? { place: "host" } : { recorded: false });
  try {
    const first = await best(1, () => session.run(feeds));
    return first > PATIENCE ? first : await best(times, () => session.run(feeds));
  } finally {
    await session.dispose();
  }
};

/** A·B, summed to one number inside the graph: only the product takes time. */
const product = async (executor: Executor, dtype: "float32" | "float64"): Promise<number> => {
  const order = ORDER[dtype];
  const g = new GraphBuilder();
  const a = g.input("a", dtype, [order, order]);
  const program = g.finish([g.sum(g.matMul(a, a), [0, 1])]);
  const data = Float64Array.from({ length: order * order }, (_, i) => ((i * 7919) % 1009) / 1009);
  const fed = dtype === "float64" ? float64([order, order], data) : float32([order, order], Float32Array.from(data));
  return (2 * order ** 3) / (await timed(executor, program, { a: fed }, 10));
};

/** y ← |y| + x, again and again: each step reads or writes every entry. */
const entryByEntry = async (executor: Executor): Promise<number> => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [ENTRIES]);
  let y: Value = x;
  for (let i = 0; i < CHAIN; i++) y = g.add(g.unary("Abs", y), x);
  const seconds = await timed(executor, g.finish([g.sum(y, [0])]), { x: float32([ENTRIES], new Float32Array(ENTRIES).fill(1)) }, 3);
  return (CHAIN * 5 * 4 * ENTRIES) / seconds;
};

const smallSteps = async (executor: Executor): Promise<number> => {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [8]);
  let y: Value = x;
  for (let i = 0; i < SMALL_STEPS; i++) y = i % 2 === 0 ? g.unary("Tanh", y) : g.mul(y, x);
  return (await timed(executor, g.finish([y]), { x: float32([8], new Float32Array(8).fill(1)) }, 5)) / SMALL_STEPS;
};

/** The first small matrix is not counted: the engine still compiles the kernels then. */
const kernels = async (): Promise<Pick<Throughput, "kernel" | "eigen">> => {
  const timesOf = async (n: number): Promise<Pick<Throughput, "kernel" | "eigen">> => {
    const matrix = random(0, "throughput").normals(n * n);
    const start = now();
    const gram = gramMatrix(matrix, n, n, "rows");
    const kernel = n ** 3 / Math.max(now() - start, 1e-6);
    return { kernel, eigen: ((4 / 3) * n ** 3) / (await best(1, () => symmetricSpectrum(gram, n, []))) };
  };
  await timesOf(EIGEN_ORDER / 3);
  const found = [await timesOf(EIGEN_ORDER), await timesOf(EIGEN_ORDER)];
  return { kernel: Math.max(...found.map((f) => f.kernel)), eigen: Math.max(...found.map((f) => f.eigen)) };
};

const measure = async (executor: Executor): Promise<Throughput> => {
  const start = now();
  const { kernel, eigen } = await kernels();
  const single = await product(executor, "float32");
  // A provider without float64 kernels: what needs them runs elsewhere.
  const double = await product(executor, "float64").catch(() => kernel);
  const moved = await entryByEntry(executor);
  const step = await smallSteps(executor);
  return { single, double, moved, step, kernel, eigen, measuring: now() - start };
};

const known = new Map<string, Promise<Throughput>>();

/**
 * This machine's throughput through a provider, measured once in a process: a fifth of a second. The numbers are those of now: another
 * program that takes the cores makes them smaller, as it will the analysis. @throws LensError RUNTIME_LOAD, RUNTIME_RUN.
 */
export const throughputOf = (executor: Executor, provider: string): Promise<Throughput> => {
  const found = known.get(provider) ?? measure(executor);
  known.set(provider, found);
  found.catch(() => { known.delete(provider); });
  return found;
};
