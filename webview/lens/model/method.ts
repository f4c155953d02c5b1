import type { FactsView, ResultView } from "../../../src/protocol/lens.ts";
import type { PlanView } from "../../../src/protocol/plan-view.ts";
import { counted, formatBytes, formatCount, formatSeconds, NOT_COMPUTED } from "../../shared/format.ts";

const NAMES: Readonly<Record<string, string>> = {
  gram: "Gram matrix", "gram-with-differences": "Gram matrix, some parameters by finite differences", rows: "rows of J", krylov: "block Krylov", sketch: "random sketch",
  "finite-difference": "finite differences",
};

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  gram: "JJᵀ layer by layer, and all of its eigenvalues",
  "gram-with-differences": "JJᵀ layer by layer; the columns of parameters before an operator without a rule by differences of the network itself",
  rows: "the gradients of all outputs, and all singular values from them",
  krylov: "the leading singular triplets by products with J, each certified, and the density of the rest by random probes",
  sketch: "random projections of the gradients: a preview",
  "finite-difference": "differences of the network itself, with step halving as error bar",
};

/** A method by its name for people. */
export const methodName = (method: string): string => NAMES[method] ?? method;

/** The method in the facts line. */
export const methodText = ({ method, exact, complete }: Pick<FactsView, "method" | "exact" | "complete">): string => {
  if (method === "sketch") return "random sketch, a preview";
  if (method === "krylov") return `block Krylov, ${complete ? "all values" : "leading values"} certified`;
  return exact ? `${methodName(method)}, exact` : methodName(method);
};

/** What the plan expected of the method that ran, beside what it took. */
const estimateText = ({ plan, seconds }: FactsView, chosen: PlanView["methods"][number] | undefined): string | null => {
  if (!chosen) return null;
  const expected = [chosen.seconds === null ? "" : `about ${formatSeconds(chosen.seconds)}`, chosen.memory === null ? "" : formatBytes(chosen.memory)].filter((part) => part !== "");
  const allowed = plan?.limit ?? null;
  const limit = allowed === null ? "" : ` of ${formatBytes(allowed)} allowed`;
  return expected.length === 0 ? null : `${expected.join(", ")}${chosen.memory === null ? "" : limit}; it took ${formatSeconds(seconds)} in all`;
};

/** The method, why it was taken, and what it was expected to cost, as pairs. */
export const methodDetails = ({ facts, density }: Pick<ResultView, "facts" | "density">): readonly (readonly [string, string])[] => {
  const { method, asked, plan, products, reused } = facts;
  const chosen = plan?.methods.find((planned) => planned.method === plan.chosen);
  const estimate = estimateText(facts, chosen);
  return [
    ["Method", `${methodName(method)}: ${DESCRIPTIONS[method] ?? ""}`.replace(/: $/u, "")],
    ["Exact", facts.exact ? "yes, up to the error bars" : method === "krylov" && density ? "each leading value within its error bar; the density is an estimate with a band" : "no"],
    ["Chosen", plan !== null && plan.because !== "" ? plan.because : asked === "auto" ? "by itself" : "as asked for"],
    ...(estimate === null ? [] : [["Expected", estimate] as const]),
    ...(products > 0 ? [["Products", `${formatCount(products)} vectors that J or Jᵀ was applied to`] as const] : []),
    ...(reused ? [["Gram matrix", `${counted(reused.samples, "sample")} from the store, ${formatCount(reused.computed)} computed`] as const] : []),
  ];
};

/** One line of the table of methods: the one that ran, and what the others would have cost. */
export interface MethodRow {
  readonly name: string;
  readonly ran: boolean;
  readonly seconds: string;
  readonly memory: string;
  readonly returns: string;
  /** Why it could not be used, or "". */
  readonly why: string;
}

/** The methods that were weighed against one another; none without a plan. */
export const methodRows = ({ plan }: Pick<FactsView, "plan">): MethodRow[] =>
  (plan?.methods ?? []).map(({ method, seconds, memory, returns, why, fits }) => ({
    name: methodName(method),
    ran: method === plan?.chosen,
    seconds: seconds === null ? NOT_COMPUTED : formatSeconds(seconds),
    memory: memory === null ? NOT_COMPUTED : formatBytes(memory),
    returns,
    why: why ?? (fits ? "" : "does not fit"),
  }));
