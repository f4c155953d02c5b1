import { LensError } from "../../core/errors.ts";
import { part } from "../../core/progress.ts";
import type { Tensor } from "../../core/tensor.ts";
import { widenTensor } from "../../autodiff/double.ts";
import { differenceJacobian } from "../../jacobian/finite-difference.ts";
import { type Batches, type Network, openNetworkSource, restrictedTo } from "../../jacobian/network.ts";
import { Products } from "../../jacobian/products.ts";
import type { OpenNetwork } from "../open-network.ts";
import type { Warning } from "../result.ts";
import type { MethodContext } from "./decomposition.ts";

/** The Jacobian's columns for some parameters by differences: [n·K, columns] row-major. */
export interface Differences {
  readonly jacobian: Float64Array;
  readonly columns: number;
  /** ‖E‖_F of the differences' error, by their error bars. */
  readonly error: number;
  readonly warnings: readonly Warning[];
}

/** Entries of the parameters that differences may be taken of: each costs four runs of the network. */
export const MOST_ENTRIES = 20_000;

/** The network that differences are taken of: in float64 where the provider has the kernels, else as it is. */
interface Differenced {
  readonly products: Products;
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly batches: Batches;
  readonly precision: "single" | "double";
  dispose(): Promise<void>;
}

/** The network in float64, `batch` samples at a time where it takes any number; null where it is that already or kernels are missing. The caller disposes of it. */
export const doubleNetwork = async (open: OpenNetwork, names: ReadonlySet<string>, batch: number): Promise<Differenced | null> => {
  if (open.runtime.provider !== "cpu" || open.precision === "double") return null;
  const all = open.network.lowered.parameters.map((p) => p.name);
  const source = await openNetworkSource(open.runtime, open.file.model, all, open.batches, "double");
  const weights = Object.fromEntries(Object.entries(open.weights).map(([name, tensor]) => [name, widenTensor(tensor)]));
  const batches: Batches = (from, count) => widenTensor(open.batches(from, count));
  try {
    const network: Network = restrictedTo(await source.at(batch), names);
    const products = new Products(open.runtime, network);
    await products.outputs(weights, { batches, samples: 1 });
    return { products, weights, batches, precision: "double", dispose: async () => { await products.dispose(); await source.dispose(); } };
  } catch (error) {
    await source.dispose();
    if (error instanceof LensError && (error.code === "RUNTIME_LOAD" || error.code === "RUNTIME_RUN")) return null;
    throw error;
  }
};

const storedNetwork = (open: OpenNetwork, names: ReadonlySet<string>): Differenced => {
  const products = new Products(open.runtime, restrictedTo(open.network, names));
  return { products, weights: open.weights, batches: open.batches, precision: "single", dispose: () => products.dispose() };
};

/** The network to take differences of with respect to the named parameters; the caller disposes of it. */
export const differencedNetwork = async (open: OpenNetwork, names: ReadonlySet<string>): Promise<Differenced> =>
  (await doubleNetwork(open, names, open.network.batch)) ?? storedNetwork(open, names);

/**
 * The named parameters' columns of J by central differences, one entry at a time.
 * @throws LensError JACOBIAN_METHOD when there are too many entries.
 */
export const differences = async ({ open, progress, signal }: MethodContext, names: ReadonlySet<string>): Promise<Differences> => {
  const columns = open.choices.reduce((sum, c) => sum + (names.has(c.name) ? c.count : 0), 0);
  if (columns > MOST_ENTRIES) {
    throw new LensError("JACOBIAN_METHOD", `Finite differences of ${columns} parameter entries would take ${4 * columns} runs of the network; at most ${MOST_ENTRIES} entries are allowed.`, "Choose a smaller group with --parameters; exact derivatives (--method gram) have no such limit.");
  }
  const network = await differencedNetwork(open, names);
  const report = part(progress, 0.55, 0.6);
  try {
    const data = { batches: network.batches, samples: open.samples, signal };
    const { jacobian, bar, error } = await differenceJacobian(network.products, network.weights, data, (done) => { report(done / columns, `differences of parameter entry ${done}/${columns}`); });
    const blocked = open.ruleless.filter((r) => names.has(r.parameter) && r.operator !== "");
    const why = blocked.length > 0 ? ` (no rule for ${[...new Set(blocked.map((r) => `${r.operator} at node "${r.node}"`))].join(", ")})` : "";
    const warning: Warning = {
      code: "FINITE_DIFFERENCES",
      message: `The columns of ${[...names].map((n) => `"${n}"`).join(", ")} were taken by central differences in ${network.precision === "double" ? "float64" : "float32"}${why}; halving the step changed them by ${bar.toExponential(1)} of the largest column.`,
      hint: "Singular values below that share of the largest are not meaningful.",
    };
    return { jacobian, columns, error, warnings: [warning] };
  } finally {
    await network.dispose();
  }
};
