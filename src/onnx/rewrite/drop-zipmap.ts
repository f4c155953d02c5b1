import type { Model, Node } from "../graph.ts";
import { silent } from "./pass.ts";

/** ZipMap labels the columns of a probability matrix, as scikit-learn's exporter does; here the matrix itself is the output. */
export const dropZipMap = silent((model: Model): Model => ({
  ...model,
  graph: { ...model.graph, nodes: model.graph.nodes.map((node): Node => (node.op === "ZipMap" && node.domain === "ai.onnx.ml" ? { ...node, op: "Identity", domain: "", attributes: {} } : node)) },
}));
