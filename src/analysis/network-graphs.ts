import { compileGram, type CompiledGram } from "../jacobian/gram.ts";
import type { FactorProgram } from "../jacobian/factor-program.ts";
import { type Batches, type Network, type NetworkSource, openNetworkSource, type Precision, restrictedTo } from "../jacobian/network.ts";
import { Products } from "../jacobian/products.ts";
import type { DeviceMemory } from "../gpu-setup/device-memory.ts";
import type { Model } from "../onnx/graph.ts";
import type { Runtime } from "../runtime/session.ts";
import { Kept } from "./kept.ts";

/** What is made of a network before any value of its parameters is looked at. */
export interface GraphsRequest {
  readonly runtime: Runtime;
  readonly model: Model;
  /** The chosen parameters. */
  readonly names: readonly string[];
  readonly precision: Precision;
  readonly batches: Batches;
  readonly memory: DeviceMemory | null;
}

/** Sizes of a network, and of sets of parameters, whose graphs are kept loaded. */
const SIZES = 2;

/**
 * One network traced, lowered and loaded: everything that does not depend on the values of its parameters, which are inputs of every graph.
 * Kept from one checkpoint to the next, it saves all of that. Holds the model that it was made from, and the samples of the last analysis.
 */
export class NetworkGraphs {
  readonly #networks = new Kept<Network>(SIZES + 1, () => Promise.resolve());
  readonly #products = new Kept<Products>(SIZES, (products) => products.dispose());
  readonly #programs = new Kept<FactorProgram>(SIZES + 1, () => Promise.resolve());
  readonly #grams = new Kept<CompiledGram>(SIZES, (compiled) => compiled.dispose());

  /** `memory`: of the device, as it was before any of these graphs took some: what batches are sized by as long as they are kept. */
  private constructor(readonly runtime: Runtime, readonly source: NetworkSource, readonly memory: DeviceMemory | null, private readonly data: { batches: Batches }) {}

  /** @throws LensError of tracing and loading. */
  static async open({ runtime, model, names, precision, batches, memory }: GraphsRequest): Promise<NetworkGraphs> {
    const data = { batches };
    return new NetworkGraphs(runtime, await openNetworkSource(runtime, model, names, (from, count) => data.batches(from, count), precision), memory, data);
  }

  /** Tells the samples of the analysis that goes on with these graphs: later sizes are traced with them. */
  use(batches: Batches): void {
    this.data.batches = batches;
  }

  /** The network at a batch size; not to be differentiated by several, since it holds what was written beside it. */
  network(batch: number): Promise<Network> {
    return this.#networks.get(String(batch), () => this.source.at(batch));
  }

  /** Products with respect to some parameters of a network that `network` gave. */
  products(network: Network, names: ReadonlySet<string>): Promise<Products> {
    return this.#products.get(JSON.stringify([network.batch, ...names]), () => Promise.resolve(new Products(this.runtime, restrictedTo(network, names))));
  }

  /** The factor program under a key that tells everything apart that `write` looks at. */
  program(key: string, write: () => Promise<FactorProgram>): Promise<FactorProgram> {
    return this.#programs.get(key, write);
  }

  /** The graphs of the Gram matrix of a program that `program` gave under that key. They load what a run needs. */
  gram(key: string, program: FactorProgram, samples: number): Promise<CompiledGram> {
    return this.#grams.get(key, () => Promise.resolve(compileGram({ executor: this.runtime, program, samples, memory: Infinity })));
  }

  /** Gives back the graphs of Gram matrices, and what memory they hold. */
  freeGrams(): Promise<void> {
    return this.#grams.dispose();
  }

  async dispose(): Promise<void> {
    await this.freeGrams();
    await this.#products.dispose();
    await this.#programs.dispose();
    await this.#networks.dispose();
    await this.source.dispose();
  }
}

/** Who has graphs made, and decides how long they live. */
export interface GraphKeeper {
  /** Those under a key, which is only made where it is needed. */
  open(key: () => string, make: () => Promise<NetworkGraphs>): Promise<NetworkGraphs>;
  /** The Gram matrix is computed; what follows needs memory. */
  settle(graphs: NetworkGraphs): Promise<void>;
  /** The analysis that asked for them is over. */
  release(graphs: NetworkGraphs): Promise<void>;
  /** The analysis failed and may be tried again in another way: what is kept for later ones is given back. */
  drop?(): Promise<void>;
}

/** Makes graphs for one analysis, which are given back at its end. */
export const oneShot: GraphKeeper = { open: (_key, make) => make(), settle: (graphs) => graphs.freeGrams(), release: (graphs) => graphs.dispose() };
