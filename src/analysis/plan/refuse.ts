import { LensError } from "../../core/errors.ts";
import type { FilledRequest } from "../defaults.ts";
import type { AnalysisRequest, MethodName } from "../request.ts";
import type { MethodPlan, Plan } from "./plan.ts";

/** Whether the method that was asked for cannot be used whatever the memory: nothing was counted. */
const isUnusable = (methods: readonly MethodPlan[], asked: AnalysisRequest["method"]): boolean =>
  asked !== undefined && asked !== "auto" && methods.find(({ method }) => method === asked)?.memory === null;

/** Why nothing is done by a plan that chose no method: JACOBIAN_METHOD where the one asked for cannot be used at all, else MEMORY with what would fit. */
export const refusalOf = ({ methods, because, advice }: Plan, { method }: Pick<AnalysisRequest, "method">): LensError =>
  isUnusable(methods, method)
    ? new LensError("JACOBIAN_METHOD", `The analysis cannot be done: ${because}.`, `What can be used: ${advice.join("; ")}.`)
    : new LensError("MEMORY", `The analysis does not fit the memory: ${because}.`, `What would fit: ${advice.join("; ")}.`);

/**
 * The method that a plan says to use. One that was asked for and cannot be used for other reasons than memory is returned all the same: it
 * refuses with its own code. @throws LensError MEMORY with what to change, where nothing fits.
 */
export const methodOf = (plan: Plan, request: Pick<FilledRequest, "method">): MethodName => {
  if (plan.chosen !== null) return plan.chosen;
  if (request.method !== "auto" && isUnusable(plan.methods, request.method)) return request.method;
  throw refusalOf(plan, request);
};
