import { LensError } from "../../../core/errors.ts";
import { type Model, describe } from "../../graph.ts";
import { isControl } from "./expand.ts";

/** The error for control flow that a run could not decide. */
export const stuck = ({ graph }: Model): LensError => {
  const node = graph.nodes.find(isControl);
  return new LensError("MODEL_CONTROL", `${node ? describe(node) : "A node"} cannot be written out: its condition, trip count or sequence lengths are not known from one run.`, "Export the model without control flow: torch.onnx.export on a traced model keeps the path that one example takes.");
};
