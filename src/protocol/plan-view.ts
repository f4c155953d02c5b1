/** What one method would have cost and given; null where it was not counted. */
export interface PlannedMethod {
  readonly method: string;
  readonly flops: number | null;
  /** Bytes. */
  readonly memory: number | null;
  readonly seconds: number | null;
  readonly returns: string;
  readonly fits: boolean;
  /** Why it could not be used; null where it could. */
  readonly why: string | null;
}

/** The plan an analysis was made by. */
export interface PlanView {
  readonly chosen: string | null;
  /** Why that method. */
  readonly because: string;
  /** Bytes that the process was allowed; null when not said. */
  readonly limit: number | null;
  readonly methods: readonly PlannedMethod[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
const textOrNull = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

const methodOf = (value: unknown): PlannedMethod[] => {
  if (!isRecord(value) || typeof value.method !== "string") return [];
  const { method, flops, memory, seconds, returns, fits, why } = value;
  return [{ method, flops: number(flops), memory: number(memory), seconds: number(seconds), returns: text(returns), fits: fits === true, why: textOrNull(why) }];
};

/** The plan in a result, null where there is none. Results of other versions may hold another one: what is not understood is left out. */
export const planViewOf = (plan: unknown): PlanView | null => {
  if (!isRecord(plan)) return null;
  const { chosen, because, limit, methods } = plan;
  return { chosen: textOrNull(chosen), because: text(because), limit: number(limit), methods: Array.isArray(methods) ? methods.flatMap(methodOf) : [] };
};
