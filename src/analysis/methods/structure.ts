import { LensError } from "../../core/errors.ts";
import type { Warning } from "../result.ts";
import type { MethodContext } from "./decomposition.ts";

/** What is said where parameters have no per-sample structure; `solo`: those of a factor program, and the nodes that stand in the way. */
export const oneSampleWarnings = ({ solo }: { readonly solo: readonly { readonly parameter: { readonly name: string }; readonly node: string }[] }): Warning[] =>
  solo.length === 0 ? [] : [{
    code: "ONE_SAMPLE_AT_A_TIME",
    message: `The use of ${solo.map((s) => `"${s.parameter.name}" (node "${s.node}")`).join(", ")} has no per-sample structure that is known: gradients were taken one sample at a time.`,
    hint: "The result is exact; it only took longer. Leaving these parameters out with --parameters makes it faster.",
  }];

/** @throws LensError JACOBIAN_METHOD where some columns are taken by differences, and the loss is not the plain one. */
export const refuseDifferencedLoss = ({ open, request }: MethodContext): void => {
  if (open.ruleless.length > 0 && request.loss !== "l2") throw new LensError("JACOBIAN_METHOD", "Differences are computed for --loss l2 only.", "Leave the parameters before operators without a rule out with --parameters.");
};
