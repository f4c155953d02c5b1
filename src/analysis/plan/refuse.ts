import { LensError } from "../../core/errors.ts";
import type { FilledRequest } from "../defaults.ts";
import type { MethodName } from "../request.ts";
import type { Plan } from "./plan.ts";

/**
 * The method that a plan says to use. One that was asked for and cannot be used for other reasons than memory is returned all the same: it
 * refuses with its own code. @throws LensError MEMORY with what to change, where nothing fits.
 */
export const methodOf = ({ methods, chosen, because, advice }: Plan, { method }: FilledRequest): MethodName => {
  if (chosen !== null) return chosen;
  if (method !== "auto" && methods.find((own) => own.method === method)?.memory === null) return method;
  throw new LensError("MEMORY", `The analysis does not fit the memory: ${because}.`, `What would fit: ${advice.join("; ")}.`);
};
