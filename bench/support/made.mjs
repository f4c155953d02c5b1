import { writeFileSync } from "node:fs";
import path from "node:path";
import { load } from "./load.mjs";

const lens = await load(`
  export * from "./test/families/maker.ts"; export * from "./test/families/layers.ts";
  export { writeModel } from "./src/onnx/write.ts"; export { writeNpz } from "./src/data/write-npy.ts";
`);

/** A perceptron with layers of the given widths, from the input's to the outputs'. */
export const perceptron = (widths, activation = "Tanh") => {
  const input = { shape: [widths[0]] };
  const m = new lens.Maker(1, input, 17);
  const last = widths.length - 2;
  const x = widths.slice(1).reduce((h, width, i) => {
    const y = lens.gemm(m, h, `layer${i}`, widths[i], width);
    return i < last ? m.call(activation, [y]) : y;
  }, m.x);
  return { model: m.finish(x), input };
};

/** Two convolutions with pooling on 8 × 8 pixels, `width` and twice as many channels, and a linear layer. */
export const convolutional = (width, outputs) => {
  const input = { shape: [1, 8, 8] };
  const m = new lens.Maker(1, input, 17);
  const layer = (x, name, from, to) => m.call("MaxPool", [m.call("Relu", [lens.conv(m, x, name, [to, from, 3, 3], { pads: [1, 1, 1, 1] })])], { kernel_shape: [2, 2], strides: [2, 2] });
  const x = layer(layer(m.x, "conv1", 1, width), "conv2", width, 2 * width);
  return { model: m.finish(lens.gemm(m, lens.flatten(m, x), "head", 2 * width * 4, outputs)), input };
};

/** Writes NAME.onnx and NAME.npz with so many drawn samples; gives the data and the weights by name. */
export const writeCase = (folder, name, { model, input }, samples) => {
  const x = lens.drawnBatches(2, samples, input)(0, samples);
  writeFileSync(path.join(folder, `${name}.onnx`), lens.writeModel(model.graph, model.opsets));
  writeFileSync(path.join(folder, `${name}.npz`), lens.writeNpz({ x, y: { dtype: "float64", shape: [samples], data: new Float64Array(samples) } }));
  return { x, weights: Object.fromEntries([...model.graph.initializers].map(([key, initializer]) => [key, initializer.load()])) };
};
