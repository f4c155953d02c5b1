import type { MethodPlan, Plan } from "../../analysis/plan/plan.ts";
import type { MethodName } from "../../analysis/request.ts";
import { cancelled } from "../../core/errors.ts";

/** How a plan is shown and answered. */
export interface PlanDialog {
  /** Shows the chosen method; "other" is offered where there are `others`. Undefined: cancelled. */
  ask(plan: Plan, chosen: MethodPlan, others: boolean): Promise<"run" | "other" | undefined>;
  /** One of the methods that could be used instead; undefined: none of them. */
  pick(methods: readonly MethodPlan[]): Promise<MethodName | undefined>;
}

/** Decides on a plan: the method to use, or undefined for the one it chose. @throws LensError CANCELLED */
export type ConfirmPlan = (plan: Plan) => Promise<MethodName | undefined>;

/** The estimate of the method that would be used. */
export const chosenOf = ({ methods, chosen }: Plan): MethodPlan | undefined => methods.find(({ method }) => method === chosen);

/** Whether a plan is shown before it is carried out: when it would take longer than `seconds` (null: never). Where nothing fits there is nothing to ask. */
export const isLong = (plan: Plan, seconds: number | null): boolean => seconds !== null && (chosenOf(plan)?.seconds ?? 0) > seconds;

/** The methods that could be used instead, fastest first. */
export const alternatives = ({ methods, chosen }: Plan): readonly MethodPlan[] =>
  methods.filter(({ fits, method }) => fits && method !== chosen).sort((a, b) => (a.seconds ?? Infinity) - (b.seconds ?? Infinity));

/** Seconds as people say them: 45 s, 12 min, 3.5 h. */
export const shownDuration = (seconds: number): string => {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 3600 ? `${Number((seconds / 60).toPrecision(2))} min` : `${Number((seconds / 3600).toPrecision(2))} h`;
};

/** Bytes as people say them: 320 MiB, 1.5 GiB. */
export const shownMemory = (bytes: number): string => (bytes >= 2 ** 30 ? `${Number((bytes / 2 ** 30).toPrecision(3))} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`);

/** What a method is expected to take: "12 min, 2.1 GiB"; what was not counted is left out. */
export const shownCost = ({ seconds, memory }: MethodPlan): string =>
  [...(seconds === null ? [] : [shownDuration(seconds)]), ...(memory === null ? [] : [shownMemory(memory)])].join(", ");

/**
 * Asks about a plan that would take long, and carries short ones out without a word. `seconds`: what counts as long, asked for at each plan;
 * null: nothing does. Who picks no other method is asked again.
 */
export const confirmWith = (dialog: PlanDialog, seconds: () => number | null): ConfirmPlan => async (plan) => {
  const chosen = chosenOf(plan);
  if (!chosen || !isLong(plan, seconds())) return undefined;
  const others = alternatives(plan);
  for (;;) {
    const answer = await dialog.ask(plan, chosen, others.length > 0);
    if (answer === undefined) throw cancelled();
    if (answer === "run") return undefined;
    const method = await dialog.pick(others);
    if (method !== undefined) return method;
  }
};
