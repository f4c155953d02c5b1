import { silent } from "../../src/core/progress.ts";
import { random } from "../../src/core/random.ts";
import { sizeOf, type Tensor } from "../../src/core/tensor.ts";
import { factorProgram } from "../../src/jacobian/factor-program.ts";
import type { Cotangents } from "../../src/jacobian/factors.ts";
import { gram } from "../../src/jacobian/gram.ts";
import { type Batches, type Network, openNetworkSource } from "../../src/jacobian/network.ts";
import { Products, type Samples } from "../../src/jacobian/products.ts";
import { rowNorms, type RowNorms } from "../../src/jacobian/row-norms.ts";
import { unitCotangents } from "../../src/jacobian/unit-cotangents.ts";
import type { Model } from "../../src/onnx/graph.ts";
import type { Runtime } from "../../src/runtime/session.ts";

/** A model with its data, and how the Gram matrix is taken of it. */
export interface GramSubject {
  readonly runtime: Runtime;
  readonly model: Model;
  readonly parameters: readonly string[];
  readonly batches: Batches;
  readonly samples: number;
  readonly batch: number;
}

export interface GramOutcome {
  /** ‖G − RRᵀ‖_F/‖RRᵀ‖_F with R the rows. */
  readonly error: number;
  /** ‖RRᵀ‖_F */
  readonly size: number;
  /** The largest relative error of a block's ‖J_ℓ‖_F²; blocks below 1e-4 of the whole are held against that. */
  readonly blocks: number;
  /** The largest relative error of J·v and Jᵀ·u for several vectors in one run, against the rows. */
  readonly products: number;
  /** Parameters taken one sample at a time. */
  readonly alone: readonly string[];
}

/** One graph computes small matrices of JJᵀ itself; of any other product, stages do: a function of its own is taken for one. */
const inOneGraph = unitCotangents;
const inStages: Cotangents = (outputs, k, together) => unitCotangents(outputs, k, together);

const innerProducts = (rows: readonly Float64Array[]): Float64Array => Float64Array.from(rows.flatMap((a) => rows.map((b) => a.reduce((sum, v, e) => sum + v * b[e]!, 0))));

const norm = (values: Float64Array): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));

/** Each parameter's part of Σ‖row‖². */
const squaredNorms = (rows: readonly Float64Array[], { lowered }: Network): ReadonlyMap<string, number> => {
  let from = 0;
  return new Map(lowered.parameters.map(({ name, shape }) => {
    const start = from;
    from += sizeOf(shape);
    return [name, rows.reduce((sum, row) => sum + norm(row.subarray(start, from)) ** 2, 0)];
  }));
};

const distance = (a: Float64Array, b: Float64Array): number => norm(a.map((v, i) => v - b[i]!)) / norm(b);

/** Products of three vectors in one run against R·v and Rᵀ·u. */
const checkProducts = async (products: Products, weights: Readonly<Record<string, Tensor>>, data: Samples, rows: readonly Float64Array[], seed: number): Promise<number> => {
  const sizes = products.network.lowered.parameters.map((p) => sizeOf(p.shape));
  const draws = random(seed, "several vectors");
  const us = [1, 2, 3].map(() => draws.normals(rows.length));
  const vs = us.map(() => sizes.map((size) => draws.normals(size)));
  const forward = await products.jvps(weights, data, vs);
  const reverse = await products.vjps(weights, data, us);
  const columns = rows[0]?.length ?? 0;
  return Math.max(...us.map((u, d) => {
    const v = Float64Array.from(vs[d]!.flatMap((part) => Array.from(part)));
    const jv = Float64Array.from(rows, (row) => row.reduce((sum, value, e) => sum + value * v[e]!, 0));
    const jtu = Float64Array.from({ length: columns }, (_, e) => rows.reduce((sum, row, i) => sum + row[e]! * u[i]!, 0));
    return Math.max(distance(forward[d]!, jv), distance(Float64Array.from(reverse[d]!.flatMap((part) => Array.from(part))), jtu));
  }));
};

/** JJᵀ by per-sample structure, in stages and in one graph, and the norms of its rows beside the inner products of rows, each from one reverse-mode product with a unit cotangent. */
export const checkGram = async ({ runtime, model, parameters, batches, samples, batch }: GramSubject, seed: number): Promise<GramOutcome> => {
  const weights = Object.fromEntries(parameters.map((name) => [name, model.graph.initializers.get(name)!.load()]));
  const source = await openNetworkSource(runtime, model, parameters, batches);
  const network = await source.at(batch);
  const wide = source.fixedBatch === null ? await source.at(batch * network.outputs) : await source.at(batch);
  const products = new Products(runtime, source.fixedBatch === null ? await source.at(samples) : network);
  try {
    const size = samples * network.outputs;
    const rows: Float64Array[] = [];
    for (let i = 0; i < size; i++) {
      const u = Float64Array.from({ length: size }, (_, e) => (e === i ? 1 : 0));
      rows.push(Float64Array.from((await products.vjp(weights, { batches, samples }, u)).flatMap((part) => Array.from(part))));
    }
    const exact = innerProducts(rows);
    const program = factorProgram(network, wide, samples);
    const squares = squaredNorms(rows, products.network);
    const floor = 1e-4 * [...squares.values()].reduce((a, b) => a + b, 0);
    const blockError = (blocks: RowNorms["blocks"]): number => Math.max(...blocks.map(({ parameters: own, squaredNorm }) => {
      const sum = own.reduce((total, name) => total + (squares.get(name) ?? 0), 0);
      return Math.abs(squaredNorm - sum) / Math.max(sum, floor);
    }));
    const outcomes: { readonly error: number; readonly blocks: number }[] = [];
    for (const cotangents of [inStages, inOneGraph]) {
      const { matrix, blocks } = await gram({ executor: runtime, program, weights, batches, cotangents, samples, edge: 2, memory: 2 ** 30, progress: silent });
      outcomes.push({ error: norm(matrix.map((v, i) => v - exact[i]!)) / norm(exact), blocks: blockError(blocks) });
    }
    const norms = await rowNorms({ executor: runtime, program, weights, batches, cotangents: unitCotangents, samples });
    outcomes.push({ error: distance(norms.rows, Float64Array.from(rows, (row) => norm(row) ** 2)), blocks: blockError(norms.blocks) });
    const worst = (key: "error" | "blocks"): number => Math.max(...outcomes.map((o) => o[key]));
    return { error: worst("error"), size: norm(exact), blocks: worst("blocks"), products: await checkProducts(products, weights, { batches, samples }, rows, seed), alone: program.solo.map((s) => s.parameter.name) };
  } finally {
    await products.dispose();
    await source.dispose();
  }
};
