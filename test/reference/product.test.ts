import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { float32, float64, sizeOf, type Tensor } from "../../src/core/tensor.ts";
import { writeNpy, writeNpz } from "../../src/data/write-npy.ts";
import { readArray, readArrays, relativeError } from "./arrays.ts";
import { CASES, type ReferenceCase } from "./case.ts";
import { jacobianLens, scratch } from "./command-line.ts";

const folder = scratch();
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A vector of R^p as one array per parameter, in column order. */
const split = (vector: Float64Array, parameters: ReferenceCase["parameters"]): Record<string, Tensor> => {
  let at = 0;
  const tensors: Record<string, Tensor> = {};
  for (const { name, shape } of parameters) tensors[name] = float32(shape, Float32Array.from(vector.subarray(at, (at += sizeOf(shape)))));
  expect(at).toBe(vector.length);
  return tensors;
};

const join = (arrays: ReadonlyMap<string, Float64Array>, parameters: ReferenceCase["parameters"]): Float64Array =>
  Float64Array.from(parameters.flatMap(({ name }) => Array.from(arrays.get(name) ?? [])));

describe.each(CASES)("products with the Jacobian of $name", ({ name, model, data, options, expected, parameters }) => {
  const inFolder = (file: string): string => path.join(folder, `${name}-${file}`);
  const product = async (...args: string[]): Promise<void> => {
    const { status, stderr } = await jacobianLens("product", model, "--data", data, ...options, ...args);
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  };

  it("J·v equals PyTorch's within 2e-5", async () => {
    writeFileSync(inFolder("v.npz"), writeNpz(split(await readArray(expected, "v"), parameters)));
    await product("--jvp", inFolder("v.npz"), "--out", inFolder("jv.npy"));
    expect(relativeError(await readArray(inFolder("jv.npy")), await readArray(expected, "jv"))).toBeLessThanOrEqual(2e-5);
  });

  it("Jᵀ·u equals PyTorch's within 2e-5", async () => {
    const u = await readArray(expected, "u");
    writeFileSync(inFolder("u.npy"), writeNpy(float64([u.length], u)));
    await product("--vjp", inFolder("u.npy"), "--out", inFolder("jtu.npz"));
    expect(relativeError(join(await readArrays(inFolder("jtu.npz")), parameters), await readArray(expected, "jtu"))).toBeLessThanOrEqual(2e-5);
  });
});
