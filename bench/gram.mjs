/**
 * The Gram matrix JJᵀ of three networks beside functorch's vmap(jacrev) and the one-sample-at-a-time loop of PyTorch: same weights and data,
 * same run, in turn, medians. "cold" counts reading, tracing, building the derivative graphs and creating sessions; "sessions" is the part of it
 * that begins when the graphs of the factors are there: writing the rest, creating sessions, the matrix; "warm" is what a second checkpoint
 * costs. "of MatMul rate": the time that ONNX Runtime's own large MatMuls, measured in each round, would take for the FLOPs of the matrix
 * (float32 and float64 each at its rate, entries on and above the diagonal once), as a share of the warm time; "at that rate": how much faster
 * than functorch the warm time would be if it were nothing else. "cores": nanoseconds from core to core and back, beside the warm time.
 *   node bench/gram.mjs [--rounds 5] [--no-loop] [mlp resnet20 cnn]
 * Needs Debian's python3-torch and python3-numpy.
 */
import "./support/as-computing.mjs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { openCoreDistance } from "./support/core-distance.mjs";
import { coldGram, flopsOfGram } from "./support/gram-case.mjs";
import { load } from "./support/load.mjs";
import { openMatMulRate } from "./support/matmul-rate.mjs";
import { median, startPython } from "./support/python.mjs";
import { fixed, heading, row } from "./support/table.mjs";
import { timed } from "./support/timed.mjs";

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string", default: "5" }, "no-loop": { type: "boolean", default: false } } });
const ROUNDS = Number(options.rounds);
const CASES = positionals.length > 0 ? positionals : ["mlp", "resnet20", "cnn"];

const { writeNpyFile } = await load('export { writeNpyFile } from "./src/data/write-npy.ts";');

const folder = mkdtempSync(path.join(tmpdir(), "lens-bench-"));
const torch = await startPython("gram.py", "python3-torch python3-numpy");
const matMul = await openMatMulRate();
const cores = openCoreDistance();

/** One round: every side once. */
const round = async (name, times) => {
  times.functorch.push((await torch.ask(`gram ${name}`)).seconds);
  if (!options["no-loop"]) times.loop.push((await torch.ask(`loop ${name}`)).seconds);
  const { value: { parameters, request, compiled, found, sessions }, seconds: cold } = await timed(() => coldGram(folder, name));
  times.cold.push(cold);
  const warm = (await timed(() => compiled.run(request))).seconds;
  times.warm.push(warm);
  times.cores.push(await cores.measure());
  // Within one round, since the machine's speed changes from minute to minute.
  times.sessions.push(sessions);
  times.coldRatio.push(times.functorch.at(-1) / cold);
  times.sessionsRatio.push(times.functorch.at(-1) / sessions);
  times.warmRatio.push(times.functorch.at(-1) / warm);
  await compiled.dispose();
  const [rate, flops] = [await matMul.measure(), flopsOfGram(request)];
  times.rate32.push(rate.single);
  times.rate64.push(rate.double);
  const least = flops.single / rate.single + flops.double / rate.double;
  times.share.push(least / warm);
  times.limit.push(times.functorch.at(-1) / least);
  return { found, parameters, flops };
};

const measure = async (name) => {
  const times = { functorch: [], loop: [], cold: [], warm: [], sessions: [], coldRatio: [], sessionsRatio: [], warmRatio: [], rate32: [], rate64: [], share: [], limit: [], cores: [] };
  let last;
  for (let i = 0; i < ROUNDS; i++) last = await round(name, times);
  const { found: { size, matrix }, parameters, flops } = last;
  const file = path.join(folder, `${name}.npy`);
  await writeNpyFile(file, { dtype: "float64", shape: [size, size], data: matrix });
  const { distance } = await torch.ask(`compare ${name} ${file}`);
  return { name, size, parameters, flops, distance, ...Object.fromEntries(Object.entries(times).map(([key, values]) => [key, values.length > 0 ? median(values) : NaN])) };
};

const giga = (value) => fixed(value / 1e9, 1);

try {
  await torch.ask(`export ${folder}`);
  console.log(`PyTorch ${torch.facts.torch}, ${torch.facts.threads} threads; medians of ${ROUNDS}\n`);
  console.log(heading("case", "nK", "p", "functorch s", "loop s", "cold s", "faster", "sessions s", "faster", "warm s", "faster", "distance", "GFLOP float32 + float64", "MatMul GFLOP/s", "of MatMul rate", "at that rate", "cores ns"));
  for (const name of CASES) {
    const m = await measure(name);
    console.log(row(name, m.size, m.parameters, fixed(m.functorch), fixed(m.loop), fixed(m.cold), `${fixed(m.coldRatio, 1)}×`, fixed(m.sessions), `${fixed(m.sessionsRatio, 1)}×`, fixed(m.warm), `${fixed(m.warmRatio, 1)}×`, m.distance.toExponential(1),
      `${giga(m.flops.single)} + ${giga(m.flops.double)}`, `${giga(m.rate32)}, ${giga(m.rate64)}`, `${fixed(100 * m.share, 0)} %`, `${fixed(m.limit, 1)}×`, fixed(m.cores, 0)));
  }
} finally {
  await cores.dispose();
  await matMul.dispose();
  torch.stop();
  rmSync(folder, { recursive: true, force: true });
}
