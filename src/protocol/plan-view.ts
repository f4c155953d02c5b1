import type { MethodPlan, Plan } from "../analysis/plan/plan.ts";

/** The plan an analysis was made by, without the parts of each method's memory. */
export interface PlanView extends Pick<Plan, "chosen" | "because" | "limit"> {
  readonly methods: readonly Omit<MethodPlan, "parts">[];
}

/** The plan in a result; null where there is none. */
export const planViewOf = (plan: Plan | null): PlanView | null =>
  plan && {
    chosen: plan.chosen,
    because: plan.because,
    limit: plan.limit,
    methods: plan.methods.map(({ method, flops, memory, seconds, returns, fits, why }) => ({ method, flops, memory, seconds, returns, fits, why })),
  };
