import type { DType, Tensor } from "../core/tensor.ts";
import { toNumbers } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";
import { type Dependence, dependence } from "./dependence.ts";
import type { Graph, Initializer, Model, Node, ValueInfo } from "./graph.ts";
import { writeModel } from "./write.ts";

/** Runs a serialised model; what tracing needs of an execution engine. */
export interface Executor {
  load(model: Uint8Array, options?: { readonly optimise?: "none" | "all" }): Promise<{
    readonly outputTypes: Readonly<Record<string, DType | null>>;
    run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
    dispose(): Promise<void>;
  }>;
}

/** What one run of the model told about a value. `constant` is there exactly where the content depends on neither input nor parameter. */
export interface TracedValue {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly depends: Dependence;
  readonly constant?: Tensor;
}

/** A model seen through one run: every value's shape and type, and everything that is constant folded. */
export interface Trace {
  readonly model: Model;
  readonly values: ReadonlyMap<string, TracedValue>;
  /** Nodes with at least one output that depends on input or parameters, in order. */
  readonly nodes: readonly Node[];
}

const SHAPE_OF = "jl-shape:";

/** The model with its parameters as inputs and, as outputs, every constant value and the shape of every other one. */
const instrument = (model: Model, parameters: ReadonlySet<string>, depends: ReadonlyMap<string, Dependence>): Graph => {
  const { graph } = model;
  const initializers = new Map<string, Initializer>();
  const promoted: ValueInfo[] = [];
  for (const [name, initializer] of graph.initializers) {
    if (parameters.has(name)) promoted.push({ name, dtype: initializer.dtype, shape: initializer.shape });
    else initializers.set(name, initializer);
  }
  const made = graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== ""));
  const varies = (name: string): boolean => depends.get(name)?.onInput === true || depends.get(name)?.onParameters === true;
  const shapes = made.filter(varies).map((name): Node => ({ op: "Shape", domain: "", name: SHAPE_OF + name, inputs: [name], outputs: [SHAPE_OF + name], attributes: {} }));
  return {
    name: graph.name,
    nodes: [...graph.nodes, ...shapes],
    inputs: [...graph.inputs, ...promoted],
    outputs: [...made.map((name): ValueInfo => ({ name, dtype: null, shape: null })), ...shapes.map((s): ValueInfo => ({ name: s.name, dtype: "int64", shape: null }))],
    initializers,
  };
};

/** A model loaded for tracing; each call is one run at the batch size of its feeds. */
export interface Tracer {
  /**
   * What one run tells. `feeds`: the graph's inputs; parameters take their stored values. Only shapes and constants leave the runtime.
   * @throws LensError TRACE_TYPE for a value of a type that is not held; RUNTIME_RUN.
   */
  trace(feeds: Readonly<Record<string, Tensor>>): Promise<Trace>;
  dispose(): Promise<void>;
}

/** Loads a model for tracing. Cost: one unoptimised session. @throws LensError RUNTIME_LOAD, PARAMETER_UNKNOWN. */
export const openTracer = async (executor: Executor, model: Model, parameters: ReadonlySet<string>): Promise<Tracer> => {
  const depends = dependence(model.graph, parameters);
  const graph = instrument(model, parameters, depends);
  const weights = Object.fromEntries([...parameters].map((name) => [name, stored(model, name)]));
  const session = await executor.load(writeModel(graph, model.opsets), { optimise: "none" });
  const varies = (name: string): boolean => depends.get(name)?.onInput === true || depends.get(name)?.onParameters === true;
  const fetches = graph.outputs.map((o) => o.name).filter((name) => !varies(name));
  const trace = async (feeds: Readonly<Record<string, Tensor>>): Promise<Trace> => {
    const results = await session.run({ ...feeds, ...weights }, fetches);
    const values = new Map<string, TracedValue>();
    for (const [name, tensor] of Object.entries(feeds)) values.set(name, { shape: tensor.shape, dtype: tensor.dtype, depends: { onInput: true, onParameters: false } });
    for (const [name, initializer] of model.graph.initializers) {
      const isParameter = parameters.has(name);
      values.set(name, { shape: initializer.shape, dtype: initializer.dtype, depends: { onInput: false, onParameters: isParameter }, ...(isParameter ? {} : { constant: initializer.load() }) });
    }
    for (const node of model.graph.nodes) for (const name of node.outputs) if (name !== "") values.set(name, tracedValue(name, node, results, session.outputTypes, depends));
    const nodes = model.graph.nodes.filter((node) => node.outputs.some((name) => name !== "" && values.get(name)?.constant === undefined));
    return { model, values, nodes };
  };
  return { trace, dispose: () => session.dispose() };
};

/** One run of a model: `openTracer`, one trace, and the session given back. */
export const trace = async (executor: Executor, model: Model, parameters: ReadonlySet<string>, feeds: Readonly<Record<string, Tensor>>): Promise<Trace> => {
  const tracer = await openTracer(executor, model, parameters);
  try {
    return await tracer.trace(feeds);
  } finally {
    await tracer.dispose();
  }
};

const stored = (model: Model, name: string): Tensor => {
  const initializer = model.graph.initializers.get(name);
  if (!initializer) throw new LensError("PARAMETER_UNKNOWN", `The model has no initializer "${name}".`, "List the parameters with `jacobian-lens operators MODEL`.");
  return initializer.load();
};

const tracedValue = (name: string, node: Node, results: Readonly<Record<string, Tensor>>, types: Readonly<Record<string, DType | null>>, depends: ReadonlyMap<string, Dependence>): TracedValue => {
  const own = depends.get(name) ?? { onInput: false, onParameters: false };
  const constant = results[name];
  if (constant) return { shape: constant.shape, dtype: constant.dtype, depends: own, constant };
  const shape = results[SHAPE_OF + name];
  const dtype = types[name];
  if (!shape || !dtype) throw new LensError("TRACE_TYPE", `Value "${name}" of node ${node.op} "${node.name}" has a type that is not supported.`, "Export the model with float32 tensors and without sequences or optional values.");
  return { shape: toNumbers(shape), dtype, depends: own };
};
