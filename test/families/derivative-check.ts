import { LensError } from "../../src/core/errors.ts";
import { random } from "../../src/core/random.ts";
import { sizeOf, type Tensor } from "../../src/core/tensor.ts";
import { openNetworkSource } from "../../src/jacobian/network.ts";
import { Products } from "../../src/jacobian/products.ts";
import { widenTensor } from "../../src/autodiff/double.ts";
import { check, complaints } from "../rules/check.ts";
import { centralDifference } from "../rules/finite-difference.ts";
import { dot, flat, largest, plus } from "../rules/numbers.ts";
import { fedParameters } from "./fed-parameters.ts";
import type { GramSubject } from "./gram-check.ts";

/** Largest relative errors that pass where everything runs in float64. */
const TOLERANCE = { jvp: 1e-6, adjoint: 1e-12 } as const;

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

const joined = (parts: readonly Float64Array[]): Float64Array => Float64Array.from(parts.flatMap((part) => Array.from(part)));

/**
 * What is wrong with J·v and Jᵀ·u of the network in float64: J·v against a central difference, and both against one another. Steps are small
 * there, so that kinks are seldom met.
 * @throws LensError RUNTIME_LOAD where a kernel is missing.
 */
const inDouble = async ({ runtime, model, parameters, batches, samples, batch }: GramSubject, seed: number): Promise<string[]> => {
  const source = await openNetworkSource(runtime, model, parameters, batches, "double");
  const products = new Products(runtime, await source.at(batch));
  try {
    const data = { batches: (from: number, count: number): Tensor => widenTensor(batches(from, count)), samples };
    const weights: Record<string, Tensor> = Object.fromEntries(parameters.map((name) => [name, widenTensor(model.graph.initializers.get(name)!.load())]));
    const v = parameters.map((name) => random(seed, `direction of ${name}`).normals(sizeOf(weights[name]!.shape)).map((d) => 0.3 * d));
    const u = random(seed, "cotangent").normals(samples * products.network.outputs);
    const jv = await products.jvp(weights, data, v);
    const jtu = await products.vjp(weights, data, u);
    const size = norm(jv) * norm(u) + norm(joined(v)) * norm(joined(jtu));
    const adjoint = Math.abs(dot(jv, u) - dot(joined(v), joined(jtu))) / Math.max(size, Number.MIN_VALUE);
    const difference = await centralDifference((moved) => products.outputs(moved, data), weights, new Map(parameters.map((name, i) => [name, v[i]!])), "float64");
    const scale = Math.max(largest(jv), largest(difference.value), 1e-6 * largest(flat(Object.values(weights))));
    const error = largest(plus(jv, -1, difference.value)) / scale;
    return [
      ...(error - (2 * difference.bar) / scale <= TOLERANCE.jvp && difference.bar / scale < 1e-3 ? [] : [`jvp differs from the central difference by ${error.toExponential(1)} (its own error bar: ${(difference.bar / scale).toExponential(1)})`]),
      ...(adjoint <= TOLERANCE.adjoint ? [] : [`the adjoint identity is off by ${adjoint.toExponential(1)}`]),
    ];
  } finally {
    await products.dispose();
    await source.dispose();
  }
};

/** What is wrong with a network's derivatives, in words; empty when all is well. In float64 where ONNX Runtime has the kernels. */
export const derivativeComplaints = async (subject: GramSubject, seed: number): Promise<string[]> => {
  try {
    return await inDouble(subject, seed);
  } catch (error) {
    if (!(error instanceof LensError) || error.code !== "RUNTIME_LOAD") throw error;
    return complaints(await check({ name: "network", ...fedParameters(subject.model, subject.parameters, subject.batches(0, subject.batch)) }, seed));
  }
};
