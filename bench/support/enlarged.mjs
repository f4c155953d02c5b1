import { writeFileSync } from "node:fs";
import path from "node:path";
import { load } from "./load.mjs";

const { readArrays, writeNpz, random } = await load(`
  export { readArrays } from "./src/analysis/array-files.ts"; export { writeNpz } from "./src/data/write-npy.ts"; export { random } from "./src/core/random.ts";
`);

/** A file with so many samples in `folder`, made from those that `file` has, with a little noise. */
export const enlarged = async (file, samples, folder) => {
  const { x, y } = await readArrays(file);
  const count = x.shape[0];
  const width = x.data.length / count;
  const draw = random(samples, "noise");
  const data = new x.data.constructor(samples * width);
  for (let i = 0; i < samples; i++) {
    const noise = x.dtype === "float32" ? draw.normals(width) : new Float64Array(width);
    for (let e = 0; e < width; e++) data[i * width + e] = x.dtype === "float32" ? x.data[(i % count) * width + e] + 0.1 * noise[e] : x.data[(i % count) * width + e];
  }
  const labels = new y.data.constructor(samples * (y.data.length / count));
  for (let i = 0; i < labels.length; i++) labels[i] = y.data[i % y.data.length];
  const made = path.join(folder, `${path.basename(path.dirname(file))}-${samples}.npz`);
  writeFileSync(made, writeNpz({ x: { dtype: x.dtype, shape: [samples, ...x.shape.slice(1)], data }, y: { dtype: y.dtype, shape: [samples, ...y.shape.slice(1)], data: labels } }));
  return made;
};
