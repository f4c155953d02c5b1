import { expect, it } from "vitest";
import { blockWidth } from "../../../src/autodiff/device/block-width.ts";
import { BLOCKED_DOMAIN } from "../../../src/autodiff/device/blocked-convolution.ts";
import { deviceKernels, forDevice } from "../../../src/autodiff/device/kernels.ts";
import { type Random, random } from "../../../src/core/random.ts";
import { float32 } from "../../../src/core/tensor.ts";
import { compile } from "../../../src/jacobian/compiled.ts";
import { GraphBuilder } from "../../../src/onnx/builder.ts";
import type { Program } from "../../../src/onnx/value.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";

const SEED = Math.floor(Math.random() * 2 ** 31);
const runtime = openRuntime("cpu", 1);
const width = await blockWidth(runtime);

const oneOf = <T>(draws: Random, values: readonly T[]): T => values[Math.floor(draws.uniform() * values.length)]!;

/** A convolution whose channels are multiples of `b`, of any geometry. */
const drawn = (draws: Random, b: number): Program => {
  const g = new GraphBuilder();
  const [n, i, o] = [oneOf(draws, [1, 2, 5]), b * oneOf(draws, [1, 2, 3]), b * oneOf(draws, [1, 2, 3])];
  const [kernel, strides, dilations] = [[1, 2, 3, 5], [1, 2, 3], [1, 2]].map((values) => [oneOf(draws, values), oneOf(draws, values)]) as [number[], number[], number[]];
  const pads = [0, 1, 2, 3].map(() => oneOf(draws, [0, 1, 2]));
  const size = [0, 1].map(() => oneOf(draws, [9, 10, 13]));
  const out = size.map((d, axis) => Math.floor((d + pads[axis]! + pads[axis + 2]! - (kernel[axis]! - 1) * dilations[axis]! - 1) / strides[axis]!) + 1);
  const [x, w, bias] = [g.input("x", "float32", [n, i, ...size]), g.input("w", "float32", [o, i, ...kernel]), g.input("b", "float32", [o])];
  return g.finish([g.op("Conv", draws.uniform() < 0.5 ? [x, w, bias] : [x, w], [n, o, ...out], "float32", { kernel_shape: kernel, strides, dilations, pads })]);
};

const evaluate = async (program: Program, draws: Random, place: "device" | "host"): Promise<Float32Array> => {
  const compiled = await compile(runtime, program, { place });
  const feeds = Object.fromEntries(program.inputs.map(({ name, shape }) => [name, float32(shape, Float32Array.from(draws.normals(shape.reduce((a, b) => a * b, 1))))]));
  const found = await compiled.run(feeds);
  await compiled.dispose();
  return found.get(program.outputs[0]!.name)!.data as Float32Array;
};

const title = `60 random convolutions on blocks of channels are the plain operator's (seed ${SEED})`;
if (width === 0) it(`${title}: not run, this processor has no blocked convolutions`, () => { expect(width).toBe(0); });
else {
  it(title, async () => {
    for (let i = 0; i < 60; i++) {
      const program = drawn(random(SEED, `geometry ${i}`), width);
      const [blocked, plain] = [await evaluate(program, random(SEED, `values ${i}`), "device"), await evaluate(program, random(SEED, `values ${i}`), "host")];
      expect(blocked).toHaveLength(plain.length);
      const scale = Math.max(...plain.map(Math.abs));
      expect(Math.max(...blocked.map((value, e) => Math.abs(value - plain[e]!))) / scale, `number ${i}`).toBeLessThan(1e-5);
    }
  });

  it("of the drawn ones most are rewritten, 1×1 convolutions and odd channel counts are not", async () => {
    const device = await deviceKernels(runtime);
    const isBlocked = (program: Program): boolean => forDevice(program, device).steps.some((s) => s.domain === BLOCKED_DOMAIN);
    expect(Array.from({ length: 60 }, (_, i) => isBlocked(drawn(random(SEED, `geometry ${i}`), width))).filter(Boolean).length).toBeGreaterThan(40);
    const conv = (channels: number, kernel: number): Program => {
      const g = new GraphBuilder();
      const [x, w] = [g.input("x", "float32", [1, channels, 6, 6]), g.input("w", "float32", [width, channels, kernel, kernel])];
      return g.finish([g.op("Conv", [x, w], [1, width, 7 - kernel, 7 - kernel], "float32", { kernel_shape: [kernel, kernel] })]);
    };
    expect([conv(width, 3), conv(width, 1), conv(width + 1, 3)].map(isBlocked)).toEqual([true, false, false]);
  });
}

it("an engine that cannot load the probe has none, without an error", async () => {
  expect(await blockWidth({ load: () => Promise.reject(new Error("no such domain")) })).toBe(0);
});
