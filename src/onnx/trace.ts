import type { DType, Tensor } from "../core/tensor.ts";
import { toNumbers } from "../core/tensor.ts";
import { LensError } from "../core/errors.ts";
import { type Dependence, dependence } from "./dependence.ts";
import type { Executor } from "./executor.ts";
import type { Graph, Initializer, Model, Node, ValueInfo } from "./graph.ts";
import { loadGraph } from "./load-graph.ts";
import { hasControl, resolveControl } from "./rewrite/control/resolve.ts";

export type { Executor } from "./executor.ts";

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

/** The model with, as outputs, every constant value and the shape of every other one. */
const instrument = ({ graph }: Model, depends: ReadonlyMap<string, Dependence>): Graph => {
  const made = graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== ""));
  const varies = (name: string): boolean => depends.get(name)?.onInput === true || depends.get(name)?.onParameters === true;
  const shapes = made.filter(varies).map((name): Node => ({ op: "Shape", domain: "", name: SHAPE_OF + name, inputs: [name], outputs: [SHAPE_OF + name], attributes: {} }));
  return {
    ...graph,
    nodes: [...graph.nodes, ...shapes],
    outputs: [...made.map((name): ValueInfo => ({ name, dtype: null, shape: null })), ...shapes.map((s): ValueInfo => ({ name: s.name, dtype: "int64", shape: null }))],
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

const refuseUnknown = ({ graph }: Model, name: string): void => {
  if (!graph.initializers.has(name)) throw new LensError("PARAMETER_UNKNOWN", `The model has no initializer "${name}".`, "List the parameters with `jacobian-lens operators MODEL`.");
};

/**
 * Loads a model for tracing. Control flow and sequences are resolved for the feeds of each call first, since what they do may depend on
 * shapes: the trace's model has neither. Cost: one unoptimised session; with control flow, for each call, and one run more for each level
 * of nesting.
 * @throws LensError RUNTIME_LOAD, PARAMETER_UNKNOWN; `trace` of what it returns throws what `resolveControl` throws too.
 */
export const openTracer = async (executor: Executor, model: Model, parameters: ReadonlySet<string>): Promise<Tracer> => {
  for (const name of parameters) refuseUnknown(model, name);
  if (!hasControl(model)) return openPlainTracer(executor, model, parameters);
  return {
    async trace(feeds) {
      const tracer = await openPlainTracer(executor, await resolveControl(executor, model, parameters, feeds), parameters);
      try {
        return await tracer.trace(feeds);
      } finally {
        await tracer.dispose();
      }
    },
    dispose: () => Promise.resolve(),
  };
};

/** A tracer of a model without control flow. */
const openPlainTracer = async (executor: Executor, model: Model, parameters: ReadonlySet<string>): Promise<Tracer> => {
  const depends = dependence(model.graph, parameters);
  const graph = instrument(model, depends);
  const session = await loadGraph(executor, graph, model.opsets, { parameters });
  const varies = (name: string): boolean => depends.get(name)?.onInput === true || depends.get(name)?.onParameters === true;
  const fetches = graph.outputs.map((o) => o.name).filter((name) => !varies(name));
  // Loaded once: the traces share what they hold.
  const stored = new Map<string, TracedValue>();
  const trace = async (feeds: Readonly<Record<string, Tensor>>): Promise<Trace> => {
    const results = await session.run(feeds, fetches);
    if (stored.size === 0) for (const [name, initializer] of model.graph.initializers) stored.set(name, storedValue(initializer, parameters.has(name)));
    const values = new Map<string, TracedValue>();
    for (const [name, tensor] of Object.entries(feeds)) values.set(name, { shape: tensor.shape, dtype: tensor.dtype, depends: { onInput: true, onParameters: false } });
    for (const [name, value] of stored) values.set(name, value);
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

const storedValue = (initializer: Initializer, isParameter: boolean): TracedValue =>
  ({ shape: initializer.shape, dtype: initializer.dtype, depends: { onInput: false, onParameters: isParameter }, ...(isParameter ? {} : { constant: initializer.load() }) });

const tracedValue = (name: string, node: Node, results: Readonly<Record<string, Tensor>>, types: Readonly<Record<string, DType | null>>, depends: ReadonlyMap<string, Dependence>): TracedValue => {
  const own = depends.get(name) ?? { onInput: false, onParameters: false };
  const constant = results[name];
  if (constant) return { shape: constant.shape, dtype: constant.dtype, depends: own, constant };
  const shape = results[SHAPE_OF + name];
  const dtype = types[name];
  if (!shape || !dtype) throw new LensError("TRACE_TYPE", `Value "${name}" of node ${node.op} "${node.name}" has a type that is not supported.`, "Export the model with float32 tensors and without sequences or optional values.");
  return { shape: toNumbers(shape), dtype, depends: own };
};
