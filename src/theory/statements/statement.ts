/** One hypothesis of a statement with the number on both sides, where it can be measured. */
export interface Hypothesis {
  readonly text: string;
  readonly left: number | null;
  readonly right: number | null;
  readonly state: "met" | "not met" | "not measurable";
}

/** One statement of the theory, evaluated. Shown as "shape only" unless every hypothesis is met. */
export interface Statement {
  readonly source: string;
  readonly terms: Readonly<Record<string, number>>;
  readonly value: number | null;
  /** Whether a bound on an error of at most 1 says nothing (value ≥ 1); null where the value is no such bound. */
  readonly vacuous: boolean | null;
  readonly hypotheses: readonly Hypothesis[];
}

/** A hypothesis `left ≤ right` that was measured. */
export const atMost = (text: string, left: number, right: number): Hypothesis => ({ text, left, right, state: left <= right ? "met" : "not met" });

/** A hypothesis of which one checkpoint says nothing. */
export const notMeasurable = (text: string): Hypothesis => ({ text, left: null, right: null, state: "not measurable" });
