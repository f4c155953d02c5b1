import { chosenByOrigin } from "../parameters.ts";
import { listed, type Pass } from "./pass.ts";

/** Tells which parameters were found in Constant nodes, where exporters put what they take for fixed. */
export const noteConstants: Pass = (model) => {
  const names = chosenByOrigin(model.graph, "constant node");
  if (names.length === 0) return { model, warnings: [] };
  return {
    model,
    warnings: [{
      code: "WEIGHTS_IN_CONSTANTS",
      message: `${listed(names)} ${names.length === 1 ? "lies" : "lie"} in Constant nodes and ${names.length === 1 ? "is" : "are"} used as weights: taken as parameters.`,
      hint: `Leave out what is not trained with --parameters "!NAME". Export with export_params=True to keep names.`,
    }],
  };
};
