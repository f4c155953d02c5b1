import { expect, it } from "vitest";
import { random, type Random } from "../../../src/core/random.ts";
import { doublesOf, float32, type Tensor } from "../../../src/core/tensor.ts";
import { compile } from "../../../src/jacobian/compiled.ts";
import { RoundingMeter, roundingOfAll } from "../../../src/jacobian/product-rounding.ts";
import type { ProductType } from "../../../src/jacobian/product.ts";
import { feedName, tileProgram } from "../../../src/jacobian/tile-program.ts";
import { symmetricSpectrum } from "../../../src/linalg/eigen.ts";
import { GraphBuilder } from "../../../src/onnx/builder.ts";
import { addRounding } from "../../../src/jacobian/tiles.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import { mostParallel, productError } from "../../../src/spectrum/product-error.ts";

const runtime = openRuntime("cpu", 2);
const SEED = Math.floor(Math.random() * 2 ** 31);

/** [m·K, width] numbers of a kind that rounds in its own way. */
type Kind = (draws: Random, rows: number, width: number, classes: number) => Float32Array;

const normal: Kind = (draws, rows, width) => Float32Array.from(draws.normals(rows * width));

const KINDS: Readonly<Record<string, Kind>> = {
  "normal entries": normal,
  "positive entries": (draws, rows, width, classes) => normal(draws, rows, width, classes).map(Math.abs),
  "one column that outweighs the others": (draws, rows, width, classes) => {
    const large = draws.integer(width);
    return normal(draws, rows, width, classes).map((value, e) => (e % width === large ? 300 * value : value));
  },
  "rows of very different length": (draws, rows, width, classes) => {
    const lengths = Float64Array.from({ length: rows }, () => 10 ** (2 * draws.normal()));
    return normal(draws, rows, width, classes).map((value, e) => value * lengths[Math.floor(e / width)]!);
  },
  "rows that are nearly one": (draws, rows, width, classes) => {
    const shared = draws.normals(width);
    return normal(draws, rows, width, classes).map((value, e) => shared[e % width]! + 0.01 * value);
  },
  "few different rows": (draws, rows, width, classes) => {
    const own = normal(draws, 4, width, classes);
    return Float32Array.from({ length: rows * width }, (_, e) => (e % (2 * width) < width ? 1 : -1) * own[(Math.floor(e / width) % 4) * width + (e % width)]!);
  },
  "rows of which the first half is a thousandth of the others": (draws, rows, width, classes) => normal(draws, rows, width, classes).map((value, e) => (e < (rows * width) / 2 ? value / 1000 : value)),
  "rows of which all but the last two thirds are zero": (draws, rows, width, classes) => normal(draws, rows, width, classes).map((value, e) => (e < (rows * width) / 3 ? 0 : value)),
  "classes without a column in common, alike in each": (draws, rows, width, classes) => {
    const shared = draws.normals(width);
    return normal(draws, rows, width, classes).map((value, e) => ((e % width) % classes === Math.floor(e / width) % classes ? shared[e % width]! + 0.03 * value : 0));
  },
  "rows of which one in three is zero": (draws, rows, width, classes) => normal(draws, rows, width, classes).map((value, e) => (Math.floor(e / width) % 3 === 0 ? 0 : value)),
};

const tileOf = async (g: Tensor, samples: number, classes: number, products: ProductType) => {
  const { program, tile, rounding } = tileProgram(new GraphBuilder("tile:"), [{ form: "rows", a: 0, g: g.shape[1]!, positions: 1, withBias: false, products }], { m: samples, n: samples, classes, diagonal: true }, "float32");
  const compiled = await compile(runtime, program);
  const found = await compiled.run({ [feedName("g", 0, 0)]: g });
  await compiled.dispose();
  const matrix = doublesOf(found.get(tile.name));
  const meter = new RoundingMeter(classes);
  addRounding(meter, rounding, found);
  return { matrix, rounding: roundingOfAll(null, meter.found) };
};

it.each(Object.keys(KINDS))(`what products in float32 do to a Gram matrix of %s is within its bound, 30 sizes (seed ${SEED})`, async (kind) => {
  const draws = random(SEED, kind);
  for (let round = 0; round < 30; round++) {
    const [samples, classes, width] = [2 + draws.integer(24), 1 + draws.integer(round % 4 === 0 ? 12 : 6), 1025 + draws.integer(round % 5 === 0 ? 20000 : 4000)];
    const size = samples * classes;
    const g = float32([size, width], KINDS[kind]!(draws, size, width, classes));
    const [single, double] = [await tileOf(g, samples, classes, "float32"), await tileOf(g, samples, classes, "float64")];
    expect(double.rounding).toBeNull();
    const squares = Float64Array.from({ length: size }, (_, i) => single.matrix[i * (size + 1)]!);
    const bound = productError({ rounding: single.rounding!, squares, parallelRows: mostParallel(single.matrix, squares) });
    const { values } = await symmetricSpectrum(single.matrix.map((value, e) => value - double.matrix[e]!), size, [], {});
    const norm = Math.max(...Array.from(values, Math.abs));
    expect(norm, `${samples}·${classes} rows of ${width}: ‖F‖/bound = ${(norm / bound).toPrecision(3)}`).toBeLessThanOrEqual(bound);
  }
});
