import { load } from "./load.mjs";

const lens = await load(`
  export { GraphBuilder } from "./src/onnx/builder.ts"; export { emit } from "./src/onnx/emit.ts"; export { openRuntime } from "./src/runtime/ort.ts"; export { random } from "./src/core/random.ts";
`);

const ORDERS = [512, 768, 1024, 1280];
const TYPES = { float32: Float32Array, float64: Float64Array };

/** A·B of order n, summed to one number inside the graph: nothing large is copied out. */
const product = async (runtime, dtype, order) => {
  const g = new lens.GraphBuilder();
  const [a, b] = ["a", "b"].map((name) => g.input(name, dtype, [order, order]));
  const session = await runtime.load(lens.emit(g.finish([g.sum(g.matMul(a, b), [0, 1])])));
  const drawn = () => ({ dtype, shape: [order, order], data: TYPES[dtype].from(lens.random(order, "rate").normals(order * order)) });
  const feeds = { a: drawn(), b: drawn() };
  await session.run(feeds);
  const rate = async () => {
    const start = performance.now();
    await session.run(feeds);
    return (2 * order ** 3) / ((performance.now() - start) / 1000);
  };
  return { rate, dispose: () => session.dispose() };
};

/** ONNX Runtime's own MatMul on this machine. `measure` gives FLOPs a second in float32 and float64, of the best of several sizes, now. */
export const openMatMulRate = async (threads = 0) => {
  const runtime = lens.openRuntime("cpu", threads);
  const products = [];
  for (const dtype of Object.keys(TYPES)) for (const order of ORDERS) products.push({ dtype, ...(await product(runtime, dtype, order)) });
  const best = async (dtype) => {
    const rates = [];
    for (const own of products.filter((p) => p.dtype === dtype)) for (let i = 0; i < 2; i++) rates.push(await own.rate());
    return Math.max(...rates);
  };
  return {
    measure: async () => ({ single: await best("float32"), double: await best("float64") }),
    dispose: async () => { for (const own of products) await own.dispose(); },
  };
};
