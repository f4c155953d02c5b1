import { LensError } from "../../../core/errors.ts";
import { type Graph, type Node, describe } from "../../graph.ts";

/** More nodes than this make a graph that ONNX Runtime takes minutes to load. */
const MOST_NODES = 50_000;

/** @throws LensError MODEL_UNROLL for a loop that would become too many nodes. */
export const bounded = (node: Node, count: number, body: Graph): void => {
  if (count * body.nodes.length <= MOST_NODES) return;
  throw new LensError("MODEL_UNROLL", `${describe(node)} runs ${count} times over ${body.nodes.length} nodes: written out, that is more than ${MOST_NODES} nodes.`, "Analyze shorter sequences, or export the model with the fused operator (LSTM, GRU, RNN) in place of the loop.");
};
