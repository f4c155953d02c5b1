/**
 * Time to build the derivative graphs of networks of about a thousand nodes: rewriting to the canonical operators, J·v, Jᵀ·u and the
 * per-sample factors; and their steps beside the model's nodes (steps that a graph's outputs need, forward pass included). Tracing (one run
 * of the model) and loading into ONNX Runtime are told apart.
 *   node bench/build.mjs [--rounds 5] [nodes]       (1000 when none is given)
 * Exit status 1 when a build takes 2 s or more.
 */
import "./support/as-computing.mjs";
import { parseArgs } from "node:util";
import { load } from "./support/load.mjs";

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string", default: "5" } } });
const ROUNDS = Number(options.rounds);
const NODES = Number(positionals[0] ?? 1000);
const LIMIT = 2;
const BATCH = 2;

const lens = await load(`
  export * from "./test/families/maker.ts"; export * from "./test/families/layers.ts";
  export { chooseParameters } from "./src/onnx/parameters.ts"; export { openTracer } from "./src/onnx/trace.ts"; export { lower } from "./src/onnx/lower.ts"; export { emitFed } from "./src/onnx/emit.ts";
  export { jvp } from "./src/autodiff/forward.ts"; export { vjp } from "./src/autodiff/reverse.ts"; export { perSample } from "./src/autodiff/per-sample.ts";
  export { openNetworkSource } from "./src/jacobian/network.ts"; export { openRuntime } from "./src/runtime/ort.ts";
`);

/** Blocks one after the other until the model has enough nodes. */
const stacked = (input, start, block, end) => {
  const m = new lens.Maker(1, input, 21);
  let x = start(m);
  for (let i = 0; m.nodes < NODES; i++) x = block(m, x, `block${i}`);
  return { model: m.finish(end(m, x)), input };
};

const SAME = { pads: [1, 1, 1, 1] };
const width = 8;

const residual = (m, x, name) => {
  const inner = m.call("Relu", [lens.batchNorm(m, lens.conv(m, x, `${name}.conv1`, [width, width, 3, 3], SAME), `${name}.norm1`, width)]);
  return m.call("Relu", [m.call("Add", [x, lens.batchNorm(m, lens.conv(m, inner, `${name}.conv2`, [width, width, 3, 3], SAME), `${name}.norm2`, width)])]);
};

const mobile = (m, x, name) => {
  const wide = m.call("HardSwish", [lens.batchNorm(m, lens.conv(m, x, `${name}.expand`, [2 * width, width, 1, 1]), `${name}.norm1`, 2 * width)]);
  const deep = m.call("HardSwish", [lens.batchNorm(m, lens.conv(m, wide, `${name}.depthwise`, [2 * width, 1, 3, 3], { ...SAME, group: 2 * width }), `${name}.norm2`, 2 * width)]);
  return m.call("Add", [x, lens.batchNorm(m, lens.conv(m, deep, `${name}.project`, [width, 2 * width, 1, 1]), `${name}.norm3`, width)]);
};

const pooled = (m, x) => lens.gemm(m, lens.flatten(m, m.call("GlobalAveragePool", [x])), "head", width, 10);

const image = { shape: [3, 8, 8] };
const stem = (m) => lens.conv(m, m.x, "stem", [width, 3, 3, 3], SAME);

const MODELS = {
  perceptron: () => stacked({ shape: [width] }, (m) => m.x, (m, x, name) => m.call("Relu", [lens.gemm(m, x, name, width, width)]), (m, x) => lens.gemm(m, x, "head", width, 10)),
  residual: () => stacked(image, stem, residual, pooled),
  mobile: () => stacked(image, stem, mobile, pooled),
  transformer: () => stacked({ shape: [4], tokens: 16 }, (m) => m.call("Gather", [m.weight("embedding", [16, width]), m.x], { axis: 0 }), (m, x, name) => lens.block(m, x, name, 4, width), (m, x) => lens.dense(m, lens.mean(m, x, [1]), "head", width, 10)),
};

/** Steps that values need. */
const needed = (steps, outputs) => {
  const names = new Set(outputs.map((o) => o.name));
  return [...steps].reverse().filter((step) => {
    const used = step.outputs.some((o) => names.has(o.name));
    if (used) for (const input of step.inputs) if (input) names.add(input.name);
    return used;
  }).length;
};

const timed = (times, name, work) => {
  const start = performance.now();
  const value = work();
  (times[name] ??= []).push((performance.now() - start) / 1000);
  return value;
};

const timedLater = async (times, name, work) => {
  const start = performance.now();
  const value = await work();
  (times[name] ??= []).push((performance.now() - start) / 1000);
  return value;
};

const present = (values) => values.filter((value) => value !== undefined);

const build = (times, trace, names, axisOf) => {
  const { builder: g, program, inputs, parameters } = timed(times, "lower", () => lens.lower(trace, names));
  const { steps, outputs: [output] } = program;
  const seed = (name, like) => g.input(name, like.dtype, like.shape);
  const forward = timed(times, "jvp", () => present(lens.jvp(g, steps, new Map(parameters.map((p, i) => [p, seed(`v${i}`, p)])), [output])));
  const reverse = timed(times, "vjp", () => present(lens.vjp(g, steps, new Map([[output, seed("u", output)]]), parameters)));
  const { factors, unstructured } = timed(times, "per sample", () => lens.perSample(g, { steps, output, cotangent: seed("w", output), inputs, parameters, samples: BATCH, axisOf }));
  const parts = factors.flatMap(({ factor }) => (factor.kind === "rows" ? [factor.rows] : [factor.a, factor.g]));
  const counts = { lower: steps.length, jvp: needed(g.steps, forward), vjp: needed(g.steps, reverse), "per sample": needed(g.steps, parts) };
  return { counts, unstructured, program: { inputs: g.finish([]).inputs, steps: g.steps, outputs: reverse } };
};

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const PARTS = ["lower", "jvp", "vjp", "per sample"];
const runtime = lens.openRuntime("cpu", 1);
let late = false;

console.log(`medians of ${ROUNDS}; seconds, and steps beside the model's nodes\n`);
console.log(`model          nodes  parameters   build s${PARTS.map((part) => part.padStart(19)).join("")}   trace s   load Jᵀu s`);
for (const [name, make] of Object.entries(MODELS)) {
  const { model, input } = make();
  const names = lens.chooseParameters(model.graph).filter((c) => c.chosen).map((c) => c.name);
  const batches = lens.drawnBatches(1, BATCH, input);
  const source = await lens.openNetworkSource(runtime, model, names, batches);
  const { axisOf } = await source.at(BATCH);
  await source.dispose();
  const tracer = await lens.openTracer(runtime, model, new Set(names));
  const times = {};
  let built;
  for (let round = 0; round < ROUNDS; round++) {
    const trace = await timedLater(times, "trace", () => tracer.trace({ x: batches(0, BATCH) }));
    built = build(times, trace, names, axisOf);
    const session = await timedLater(times, "load", () => runtime.load(lens.emitFed(built.program).model));
    await session.dispose();
  }
  await tracer.dispose();
  const nodes = model.graph.nodes.length;
  const total = PARTS.reduce((sum, part) => sum + median(times[part]), 0);
  late ||= total >= LIMIT;
  const cells = PARTS.map((part) => `${median(times[part]).toFixed(3)} ${String(built.counts[part]).padStart(6)} ${(built.counts[part] / nodes).toFixed(1)}×`.padStart(19));
  const left = built.unstructured.length > 0 ? `   one sample at a time: ${built.unstructured.map((u) => u.parameter.name).join(", ")}` : "";
  console.log(`${name.padEnd(13)}${String(nodes).padStart(7)}${String(names.length).padStart(12)}${total.toFixed(3).padStart(10)}${cells.join("")}${median(times.trace).toFixed(3).padStart(10)}${median(times.load).toFixed(3).padStart(13)}${left}`);
}
if (late) {
  console.error(`a build took ${LIMIT} s or more`);
  process.exitCode = 1;
}
