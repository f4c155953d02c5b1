/**
 * Eigenvalues and the energies of 30 vectors, by symmetricSpectrum, beside numpy.linalg.eigh on one thread: same matrices, same run, one
 * after the other in turn, medians.
 *   node bench/eigen.mjs [N …]        (2000 and 4000 when none is given)
 * Needs python3-numpy with OpenBLAS. Exit status 1 when the goal (no slower than numpy, values equal to 1e-13·λ₁) is missed.
 */
import "./support/as-computing.mjs";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { load } from "./support/load.mjs";

const VECTORS = 30;
const LEADING = 100;
const GOAL = 1e-13;

const { symmetricSpectrum, gramMatrix, random, bestBuild } = await load(
  'export * from "./src/linalg/eigen.ts"; export * from "./src/linalg/matrix-product.ts"; export * from "./src/core/random.ts"; export * from "./src/linalg/kernels.ts";',
);

/** Gram matrices of n × n Jacobians: Gaussian, and with columns that fall off as 1/s, as a network's spectrum does. */
const KINDS = {
  "Gaussian": () => 1,
  "power law": (s) => 1 / (1 + s),
};

const makeMatrix = (n, weight) => {
  const draw = random(n, "benchmark");
  const jacobian = Float64Array.from({ length: n * n }, (_, i) => draw.normal() * weight(i % n));
  return gramMatrix(jacobian, n, n, "rows").slice();
};

/** A numpy process that answers one command at a time. */
const startNumpy = async () => {
  const script = fileURLToPath(new URL("eigen.py", import.meta.url));
  const child = spawn("/usr/bin/python3", [script], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("python3 with numpy did not start or stopped; install it with: apt-get install python3-numpy libopenblas0");
    return JSON.parse(value);
  };
  const facts = await answer();
  if (facts.blas.length === 0) throw new Error("numpy does not use OpenBLAS here; install it with: apt-get install libopenblas0");
  const ask = (command) => {
    child.stdin.write(`${command}\n`);
    return answer();
  };
  return { facts, ask, stop: () => child.stdin.end() };
};

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Seconds of processor time that this process has used. */
const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const timed = async (matrix, n, vectors, leading) => {
  const copy = matrix.slice();
  const start = performance.now();
  const used = processor();
  const found = await symmetricSpectrum(copy, n, vectors, { leading });
  return { seconds: (performance.now() - start) / 1000, processor: processor() - used, values: found.values };
};

/** One row of the table. */
const compare = async (numpy, folder, kind, n) => {
  const matrix = makeMatrix(n, KINDS[kind]);
  const file = path.join(folder, "matrix");
  writeFileSync(file, matrix);
  await numpy.ask(`load ${file} ${n}`);
  const vectors = Array.from({ length: VECTORS }, (_, i) => random(i, "vectors").normals(n));
  const times = { ours: [], leading: [], numpy: [], processor: [] };
  let values;
  for (let repetition = 0; repetition < (n > 3000 ? 3 : 5); repetition++) {
    const theirs = await numpy.ask("run");
    times.numpy.push(theirs.seconds);
    const plain = await timed(matrix, n, vectors, 0);
    times.ours.push(plain.seconds);
    times.processor.push(plain.processor / theirs.processor);
    times.leading.push((await timed(matrix, n, vectors, LEADING)).seconds);
    values = plain.values;
  }
  await numpy.ask(`values ${path.join(folder, "values")}`);
  const bytes = readFileSync(path.join(folder, "values"));
  const expected = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)).reverse();
  const difference = expected.reduce((largest, value, i) => Math.max(largest, Math.abs(value - values[i])), 0) / expected[0];
  const [ours, leading, theirs] = [median(times.ours), median(times.leading), median(times.numpy)];
  return { kind, n, ours, leading, theirs, ratio: ours / theirs, busy: median(times.processor), difference };
};

const print = ({ kind, n, ours, leading, theirs, ratio, busy, difference }) =>
  console.log(`| ${kind} | ${n} | ${ours.toFixed(2)} s | ${leading.toFixed(2)} s | ${theirs.toFixed(2)} s | ${ratio.toFixed(2)} | ${busy.toFixed(2)} | ${difference.toExponential(1)} |`);

const sizes = process.argv.slice(2).map(Number);
const numpy = await startNumpy();
const folder = mkdtempSync(path.join(tmpdir(), "eigen-"));
try {
  console.log(`Node ${process.version} (${bestBuild()} SIMD kernels), numpy ${numpy.facts.numpy} (${numpy.facts.blas.join(", ")}), one thread each\n`);
  console.log(`| Gram matrix | n | values + ${VECTORS} energies | + ${LEADING} vectors | numpy.linalg.eigh | ratio | of processor time | largest difference / λ₁ |\n|---|---|---|---|---|---|---|---|`);
  for (const n of sizes.length > 0 ? sizes : [2000, 4000])
    for (const kind of Object.keys(KINDS)) {
      const row = await compare(numpy, folder, kind, n);
      print(row);
      if (row.ratio > 1 || row.difference > GOAL) process.exitCode = 1;
    }
} finally {
  numpy.stop();
  rmSync(folder, { recursive: true });
}
