import type { DType, Tensor } from "../../../core/tensor.ts";
import type { Node } from "../../graph.ts";
import { identities } from "../instantiate.ts";
import { type Answers, asBody, bodyOf } from "./answers.ts";
import { bounded } from "./bounded.ts";
import type { Pieces } from "./pieces.ts";

/** A tensor without entries. */
export const emptyTensor = (shape: readonly number[], dtype: DType): Tensor => {
  const of: Readonly<Record<DType, Tensor["data"]>> = {
    float32: new Float32Array(), float64: new Float64Array(), int64: new BigInt64Array(), uint64: new BigUint64Array(), int32: new Int32Array(), uint32: new Uint32Array(),
    int16: new Int16Array(), uint16: new Uint16Array(), int8: new Int8Array(), uint8: new Uint8Array(), bool: new Uint8Array(),
  };
  return { dtype, shape, data: of[dtype] } as Tensor;
};

/**
 * The body of a Loop as often as it runs, one copy after the other; undefined where that is not known. Inputs of the body: iteration number,
 * condition, carried values; its outputs: condition, carried values, values to be stacked along a new first axis.
 * @source ONNX operators, Loop.
 */
export const expandLoop = (node: Node, answers: Answers, pieces: Pieces): readonly Node[] | undefined => {
  const count = answers.count(node);
  if (count === undefined) return undefined;
  const graph = bodyOf(node, "body");
  bounded(node, count, graph);
  const carriedCount = graph.inputs.length - 2;
  const stackedTypes = node.outputs.slice(carriedCount).map((name) => (name === "" ? undefined : answers.type(name)));
  if (count === 0 && node.outputs.slice(carriedCount).some((name, i) => name !== "" && !stackedTypes[i])) return undefined;
  // ONNX Runtime hands these over with the rank that the body declares.
  const shapeOf = (place: number): readonly number[] => (graph.inputs[place]?.shape?.length === 1 ? [1] : []);
  const goesOn = count > 0 ? pieces.constant({ dtype: "bool", shape: shapeOf(1), data: Uint8Array.of(1) }, "condition") : "";
  let carried: readonly string[] = node.inputs.slice(2);
  const stacked: string[][] = node.outputs.slice(carriedCount).map(() => []);
  for (let i = 0; i < count; i++) {
    const iteration = pieces.constant({ dtype: "int64", shape: shapeOf(0), data: BigInt64Array.of(BigInt(i)) }, "iteration");
    const results = pieces.copy(asBody(graph), [iteration, goesOn, ...carried], `${i}/`);
    carried = results.slice(1, 1 + carriedCount);
    stacked.forEach((parts, place) => parts.push(results[1 + carriedCount + place] ?? ""));
  }
  const collected = stacked.map((parts, place) => {
    if (node.outputs[carriedCount + place] === "") return "";
    const type = stackedTypes[place];
    return parts.length > 0 ? pieces.stack(parts, 0) : type ? pieces.constant(emptyTensor(type.shape, type.dtype), "empty") : "";
  });
  return [...pieces.nodes, ...identities([...carried, ...collected], node.outputs)];
};
