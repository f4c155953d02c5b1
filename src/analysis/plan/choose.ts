import { type CutoffRule, dependsOnValues } from "../../theory/cutoff.ts";
import type { MethodName } from "../request.ts";
import { type MethodPlan, shownBytes } from "./plan.ts";
import type { Situation } from "./situation.ts";

/** The method that is used and why. */
export interface Choice {
  readonly chosen: MethodName | null;
  readonly because: string;
}

const counted = (value: number): string => value.toLocaleString("en-US");

/** What was asked for by name, if it fits. */
const asked = (method: MethodName, plan: MethodPlan | undefined): Choice =>
  plan?.fits === true ? { chosen: method, because: "it was asked for" } : { chosen: null, because: `--method ${method} ${plan?.why ?? "cannot be used"}` };

/** Order of the dense eigenproblem up to which `auto` finds all singular values: half a minute of the eigensolver on two cores. */
export const DENSE_ORDER = 6000;

/** Share of the singular values from which on finding all of them is no more work than finding the leading ones. */
const MOST_LEADING = 0.25;

/** Why a spectrum of which the leading part would do for a rank is computed whole; nothing where it is small enough anyway. */
const openEnded = ({ request, rows, columns }: Situation): string =>
  dependsOnValues(request.cutoff) && Math.min(rows, columns) > DENSE_ORDER ? `, and how many of them lie above a cut-off by ${RULES[request.cutoff?.kind ?? "rank"]} is only known from them` : "";

const RULES: Readonly<Record<CutoffRule["kind"], string>> = { rank: "rank", alpha: "value", relative: "value", energy: "energy", gap: "largest gap" };

/**
 * The method that `auto` stands for, or the one asked for: all singular values where they fit, from the smaller of JᵀJ and JJᵀ, unless they are
 * very many and a rank says that the leading ones will do; else the leading ones with certificates. A sketch or differences are used only when asked for. The choice does not depend on timings.
 */
export const choose = (situation: Situation, methods: readonly MethodPlan[]): Choice => {
  const { request, rows, columns, rank } = situation;
  const plan = (method: MethodName): MethodPlan | undefined => methods.find((own) => own.method === method);
  const fits = (method: MethodName): boolean => plan(method)?.fits === true;
  if (request.method !== "auto") return asked(request.method, plan(request.method));
  const limit = shownBytes(request.memory);
  const order = Math.min(rows, columns);
  const open = openEnded(situation);
  if (order > DENSE_ORDER && !dependsOnValues(request.cutoff) && rank < MOST_LEADING * order && request.gram !== true && fits("krylov")) {
    return { chosen: "krylov", because: `the leading singular values are certified without the ${counted(order)} others, which the method ${columns < rows ? "rows" : "gram"} would find` };
  }
  if (columns < rows && fits("rows")) return { chosen: "rows", because: `all singular values fit ${limit}, and JᵀJ of ${counted(columns)} parameters is smaller than JJᵀ of ${counted(rows)} rows${open}` };
  if (fits("gram")) return { chosen: "gram", because: `all singular values fit ${limit}${request.gram === true ? ", and --gram asks for JJᵀ" : ""}${open}` };
  if (fits("rows")) return { chosen: "rows", because: `all singular values fit ${limit} this way${open}` };
  if (fits("krylov")) return { chosen: "krylov", because: `the whole spectrum does not fit: gram ${plan("gram")?.why ?? "cannot be used"}` };
  return { chosen: null, because: `no method fits ${limit}: ${methods.flatMap(({ method, why }) => (why === null || method === "sketch" || method === "finite-difference" ? [] : [`${method} ${why}`])).join("; ")}` };
};
