import { expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import { compile } from "../../../src/jacobian/compiled.ts";
import { feedName, type TileBlock, tileProgram } from "../../../src/jacobian/tile-program.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";

const runtime = openRuntime("cpu", 1);
const SEED = Math.floor(Math.random() * 2 ** 31);
const [SAMPLES, OUTPUTS, POSITIONS, IN, OUT, ROWS] = [16, 8, 64, 2, 3, 5];

/** Entry [i·K + k, j·K + l] from written-out gradients [n·K, size]. */
const gramOf = (rows: readonly Float64Array[]): number[] => rows.flatMap((a) => rows.map((b) => a.reduce((sum, value, e) => sum + value * b[e]!, 0)));

const tile = async (block: TileBlock, a: Tensor, g: Tensor): Promise<number[]> => {
  const { program, tile: result } = tileProgram([block], SAMPLES, SAMPLES, OUTPUTS, "float32", true);
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
  const block: TileBlock = { form: "implicit", a: POSITIONS * IN, g: POSITIONS * OUT, positions: POSITIONS, withBias: false };
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
  const block: TileBlock = { form: "lookup", a: POSITIONS, g: POSITIONS * OUT, positions: POSITIONS, withBias: false };
  expectClose(await tile(block, float32([SAMPLES, POSITIONS], tokens), float32([SAMPLES * OUTPUTS, POSITIONS * OUT], g)), gramOf(rows));
});
