/**
 * The leading 50 singular triplets of a dense n × n Jacobian by block Krylov, beside all singular values from the Gram matrix (gramMatrix,
 * then symmetricSpectrum with 50 vectors): same matrix, same run, one thread, medians of 5 (of 1 for the Gram matrix above n = 2000). Then
 * the density of the rest.
 *   node bench/krylov.mjs [n …]       (4000 when none is given)
 * Exit status 1 when a triplet misses its tolerance, its certificate does not hold, or Krylov is not the faster of the two.
 */
import "./support/as-computing.mjs";
import { load } from "./support/load.mjs";

const LEADING = 50;
const TOLERANCE = 1e-4;
const BLOCK = 8;

const { leadingTriplets, spectralDensity, certainLeading, symmetricSpectrum, gramMatrix, createArena, random, bestBuild } = await load(
  ["spectrum/krylov", "spectrum/density", "spectrum/certificate", "linalg/eigen", "linalg/matrix-product", "linalg/arena", "core/random", "linalg/kernels"].map((file) => `export * from "./src/${file}.ts";`).join("\n"),
);

/** Gaussian rows with columns that fall off, as a network's spectrum does: "power law" as 1/s, "flat edge" 30 strong ones over an even bulk. */
const KINDS = {
  "power law": (s) => 1 / (1 + s),
  "flat edge": (s) => (s < 30 ? 40 / (1 + s) : 1),
};

const makeMatrix = (n, weight) => {
  const draw = random(n, "benchmark");
  return Float64Array.from({ length: n * n }, (_, i) => draw.normal() * weight(i % n));
};

/** A row-major matrix as an operator, its products by the kernels, timed. */
const operatorOf = (matrix, n) => {
  const arena = createArena();
  const { kernels } = arena;
  const [a, x, y] = [arena.reserve(n * n), arena.reserve(64 * n), arena.reserve(64 * n)];
  const scratch = arena.reserve(kernels.productScratch() / 8);
  arena.view(a, n * n).set(matrix);
  const spent = { seconds: 0 };
  const product = (row, column) => async (block, count) => {
    const start = performance.now();
    arena.view(x, n * count).set(block);
    arena.view(y, n * count).fill(0);
    kernels.product(n, count, n, 1, a, row, column, x, 8, 8 * n, y, 8 * n, 0, scratch);
    const result = arena.view(y, n * count).slice();
    spent.seconds += (performance.now() - start) / 1000;
    return result;
  };
  return { rows: n, columns: n, spent, apply: product(8 * n, 8), applyTransposed: product(8, 8 * n) };
};

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const timed = async (times, work) => {
  const start = performance.now();
  const found = await work();
  times.push((performance.now() - start) / 1000);
  return found;
};

const measure = async (kind, n) => {
  const matrix = makeMatrix(n, KINDS[kind]);
  const operator = operatorOf(matrix, n);
  const [krylov, within, dense, density] = [[], [], [], []];
  let found, exact, bulk;
  for (let repetition = 0; repetition < 5; repetition++) {
    const before = operator.spent.seconds;
    found = await timed(krylov, () => leadingTriplets(operator, LEADING, { tolerance: TOLERANCE, block: BLOCK, seed: repetition }));
    within.push(operator.spent.seconds - before);
    if (repetition > 0 && n > 2000) continue;
    exact = await timed(dense, () => symmetricSpectrum(gramMatrix(matrix, n, n, "rows"), n, [], { leading: LEADING }));
    bulk = await timed(density, () => spectralDensity(operator, { leading: found }));
  }
  const values = exact.values.map((value) => Math.sqrt(Math.max(0, value)));
  const difference = Math.max(...found.values.map((value, s) => Math.abs(value - values[s]))) / values[0];
  const certificate = Math.max(...found.certificates) / values[0];
  const tail = values.subarray(LEADING).reduce((sum, value) => sum + value * value, 0);
  const holds = difference <= certificate && values[LEADING] <= found.rest.bound && found.converged.every(Boolean);
  return {
    kind, n, krylov: median(krylov), within: median(within), products: found.products, certificate, difference, certain: certainLeading(found).count,
    bound: found.rest.bound / values[LEADING], dense: median(dense), density: median(density), moment: bulk.squares.mean / tail, good: holds && median(krylov) < median(dense),
  };
};

const print = (r) =>
  console.log(`| ${r.kind} | ${r.n} | ${r.krylov.toFixed(2)} s (${r.within.toFixed(2)} s) | ${r.products} | ${r.certificate.toExponential(1)} | ${r.difference.toExponential(1)} | ${r.certain} | ${r.bound.toFixed(2)} | ${r.dense.toFixed(2)} s | ${(r.dense / r.krylov).toFixed(1)} | ${r.density.toFixed(2)} s | ${r.moment.toFixed(3)} |`);

const sizes = process.argv.slice(2).map(Number);
console.log(`Node ${process.version} (${bestBuild()} SIMD kernels), one thread; leading ${LEADING} to ${TOLERANCE}·λ₁, ${BLOCK} directions per product\n`);
console.log("| Jacobian | n | Krylov (its products) | products | largest certificate / λ₁ | largest error / λ₁ | certainly leading | bound of the rest / truth | Gram + all eigenvalues | ratio | density | its Σλ² / truth |");
console.log("|---|---|---|---|---|---|---|---|---|---|---|---|");
for (const n of sizes.length > 0 ? sizes : [4000])
  for (const kind of Object.keys(KINDS)) {
    const row = await measure(kind, n);
    print(row);
    if (!row.good) process.exitCode = 1;
  }
