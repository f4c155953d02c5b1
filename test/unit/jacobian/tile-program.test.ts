import { expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import { compile } from "../../../src/jacobian/compiled.ts";
import type { TileBlock } from "../../../src/jacobian/tile-forms.ts";
import { programCost } from "../../../src/jacobian/cost/program-cost.ts";
import { feedName, tileProgram } from "../../../src/jacobian/tile-program.ts";
import { GraphBuilder } from "../../../src/onnx/builder.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";

const runtime = openRuntime("cpu", 1);
const SEED = Math.floor(Math.random() * 2 ** 31);
const [SAMPLES, OUTPUTS, POSITIONS, IN, OUT, ROWS] = [16, 8, 64, 2, 3, 5];

/** Entry [i·K + k, j·K + l] from written-out gradients [n·K, size]. */
const gramOf = (rows: readonly Float64Array[]): number[] => rows.flatMap((a) => rows.map((b) => a.reduce((sum, value, e) => sum + value * b[e]!, 0)));

const tile = async (block: TileBlock, a: Tensor, g: Tensor): Promise<number[]> => {
  const { program, tile: result } = tileProgram(new GraphBuilder("tile:"), [block], { m: SAMPLES, n: SAMPLES, classes: OUTPUTS, diagonal: true }, "float32");
  const compiled = await compile(runtime, program);
  const found = await compiled.run({ [feedName("a", 0, 0)]: a, [feedName("g", 0, 0)]: g });
  await compiled.dispose();
  return Array.from(found.get(result.name)!.data as Float64Array);
};

const expectClose = (found: readonly number[], wanted: readonly number[]): void => {
  const scale = Math.max(...wanted.map(Math.abs));
  expect(Math.max(...found.map((value, i) => Math.abs(value - wanted[i]!))) / scale).toBeLessThan(1e-12);
};

it(`the implicit form, piece by piece, equals the products of written-out gradients (seed ${SEED})`, async () => {
  const draws = random(SEED, "implicit");
  const a = Float32Array.from(draws.normals(SAMPLES * POSITIONS * IN));
  const g = Float32Array.from(draws.normals(SAMPLES * OUTPUTS * POSITIONS * OUT));
  const rows = Array.from({ length: SAMPLES * OUTPUTS }, (_, row) => {
    const gradient = new Float64Array(IN * OUT);
    const sample = Math.floor(row / OUTPUTS);
    for (let t = 0; t < POSITIONS; t++) for (let o = 0; o < OUT; o++) for (let i = 0; i < IN; i++) gradient[o * IN + i]! += g[(row * POSITIONS + t) * OUT + o]! * a[(sample * POSITIONS + t) * IN + i]!;
    return gradient;
  });
  const block: TileBlock = { form: "implicit", a: POSITIONS * IN, g: POSITIONS * OUT, positions: POSITIONS, withBias: false, products: "float64" };
  expectClose(await tile(block, float32([SAMPLES, POSITIONS * IN], a), float32([SAMPLES * OUTPUTS, POSITIONS * OUT], g)), gramOf(rows));
});

it(`lookups, piece by piece, equal the products of written-out table gradients (seed ${SEED})`, async () => {
  const draws = random(SEED, "lookup");
  const tokens = Float32Array.from({ length: SAMPLES * POSITIONS }, () => draws.integer(ROWS));
  const g = Float32Array.from(draws.normals(SAMPLES * OUTPUTS * POSITIONS * OUT));
  const rows = Array.from({ length: SAMPLES * OUTPUTS }, (_, row) => {
    const gradient = new Float64Array(ROWS * OUT);
    const sample = Math.floor(row / OUTPUTS);
    for (let t = 0; t < POSITIONS; t++) for (let o = 0; o < OUT; o++) gradient[tokens[sample * POSITIONS + t]! * OUT + o]! += g[(row * POSITIONS + t) * OUT + o]!;
    return gradient;
  });
  const block: TileBlock = { form: "lookup", a: POSITIONS, g: POSITIONS * OUT, positions: POSITIONS, withBias: false, products: "float64" };
  expectClose(await tile(block, float32([SAMPLES, POSITIONS], tokens), float32([SAMPLES * OUTPUTS, POSITIONS * OUT], g)), gramOf(rows));
});

it(`narrow blocks multiplied side by side keep each one's own part, on the diagonal and off it (seed ${SEED})`, async () => {
  const widths = [3, 1, 2000, 7, 3, 3];
  const blocks = widths.map((g): TileBlock => ({ form: "rows", a: 0, g, positions: 1, withBias: false, products: "float64" }));
  const draws = random(SEED, "narrow");
  const values = (samples: number): Float32Array[] => widths.map((width) => Float32Array.from(draws.normals(samples * OUTPUTS * width)));
  const rowsOf = (block: Float32Array, width: number): Float64Array[] => Array.from({ length: block.length / width }, (_, i) => Float64Array.from(block.subarray(i * width, (i + 1) * width)));
  const [m, n] = [6, 4];
  const [left, right] = [values(m), values(n)];
  const feeds = (side: 0 | 1, own: readonly Float32Array[], samples: number): Record<string, Tensor> => Object.fromEntries(own.map((data, b) => [feedName("g", b, side), float32([samples * OUTPUTS, widths[b]!], data)]));
  const sum = (parts: readonly number[][]): number[] => parts[0]!.map((_, e) => parts.reduce((total, part) => total + part[e]!, 0));

  const diagonal = tileProgram(new GraphBuilder("tile:"), blocks, { m, n: m, classes: OUTPUTS, diagonal: true }, "float32");
  const off = tileProgram(new GraphBuilder("tile:"), blocks, { m, n, classes: OUTPUTS, diagonal: false }, "float32");
  const [one, two] = [await compile(runtime, diagonal.program), await compile(runtime, off.program)];
  const square = await one.run(feeds(0, left, m));
  const oblong = await two.run({ ...feeds(0, left, m), ...feeds(1, right, n) });
  await one.dispose();
  await two.dispose();

  const wholes = left.map((block, b) => gramOf(rowsOf(block, widths[b]!)));
  expectClose(Array.from(square.get(diagonal.tile.name)!.data as Float64Array), sum(wholes));
  const products = left.map((block, b) => rowsOf(block, widths[b]!).flatMap((x) => rowsOf(right[b]!, widths[b]!).map((y) => x.reduce((total, value, e) => total + value * y[e]!, 0))));
  expectClose(Array.from(oblong.get(off.tile.name)!.data as Float64Array), sum(products));
  const own = new Map(diagonal.own.flatMap(({ blocks: numbers, value }) => {
    const all = square.get(value.name)!.data as Float64Array;
    return numbers.map((number, i) => [number, all.subarray((i * all.length) / numbers.length, ((i + 1) * all.length) / numbers.length)] as const);
  }));
  expect(own.size).toBe(widths.length);
  widths.forEach((_, b) => {
    const size = m * OUTPUTS;
    const wanted = Array.from({ length: m * OUTPUTS * OUTPUTS }, (_, e) => wholes[b]![Math.floor(e / OUTPUTS) * size + Math.floor(e / OUTPUTS ** 2) * OUTPUTS + (e % OUTPUTS)]!);
    expectClose(Array.from(own.get(b)!), wanted);
  });
});

it("narrow blocks are held once side by side in their own type, however many there are, not all of them in float64", () => {
  const [samples, width] = [40, 1000];
  const liveOf = (count: number): number => {
    const blocks = Array.from({ length: count }, (): TileBlock => ({ form: "rows", a: 0, g: width, positions: 1, withBias: false, products: "float64" }));
    return programCost(tileProgram(new GraphBuilder("tile:"), blocks, { m: samples, n: samples, classes: OUTPUTS, diagonal: true }, "float32").program).live;
  };
  const each = 4 * samples * OUTPUTS * width;
  expect((liveOf(60) - liveOf(20)) / 40).toBeLessThan(1.1 * each);
});

it.each(["float32", "float64"] as const)(`strips written where they are multiplied in %s equal the products of written-out gradients, also where the last one is narrower (seed ${SEED})`, async (type) => {
  const [m, n, t, inputs, outputs] = [5, 3, 4, 900, 95];
  const draws = random(SEED, "strips");
  const side = (samples: number) => ({ a: Float32Array.from(draws.normals(samples * inputs * t)), g: Float32Array.from(draws.normals(samples * OUTPUTS * outputs * t)) });
  type Side = ReturnType<typeof side>;
  const rowsOf = ({ a, g }: Side): Float64Array[] => Array.from({ length: g.length / (outputs * t) }, (_, row) => {
    const [sample, gradient] = [Math.floor(row / OUTPUTS), new Float64Array(inputs * outputs)];
    for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) for (let p = 0; p < t; p++) gradient[o * inputs + i]! += g[(row * outputs + o) * t + p]! * a[(sample * inputs + i) * t + p]!;
    return gradient.map(Math.fround);
  });
  const block: TileBlock = { form: "strips", a: inputs * t, g: outputs * t, positions: t, withBias: false, products: type };
  const feeds = (place: 0 | 1, { a, g }: Side, samples: number): Record<string, Tensor> => ({ [feedName("a", 0, place)]: float32([samples, inputs * t], a), [feedName("g", 0, place)]: float32([samples * OUTPUTS, outputs * t], g) });
  const [left, right] = [side(m), side(n)];
  const products = (one: readonly Float64Array[], two: readonly Float64Array[]): number[] => one.flatMap((x) => two.map((y) => x.reduce((sum, value, e) => sum + value * y[e]!, 0)));
  for (const [samples, diagonal] of [[m, true], [n, false]] as const) {
    const { program, tile: result } = tileProgram(new GraphBuilder("tile:"), [block], { m, n: samples, classes: OUTPUTS, diagonal }, "float32");
    expect(program.steps.some((s) => s.op === "Loop")).toBe(true);
    const compiled = await compile(runtime, program);
    const found = await compiled.run({ ...feeds(0, left, m), ...(diagonal ? {} : feeds(1, right, n)) });
    await compiled.dispose();
    const made = Array.from(found.get(result.name)!.data as Float64Array);
    const wanted = products(rowsOf(left), rowsOf(diagonal ? left : right));
    const scale = Math.max(...wanted.map(Math.abs));
    expect(Math.max(...made.map((value, i) => Math.abs(value - wanted[i]!))) / scale).toBeLessThan(1e-6);
  }
});
