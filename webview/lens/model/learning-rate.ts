import type { ResultView } from "../../../src/protocol/lens.ts";

/** The learning-rate limits for one way of writing the loss. THEORY §1, §3. */
export interface RateRow {
  readonly loss: string;
  readonly title: string;
  /** What the theory asks for: η ≤ 1/λ_1². */
  readonly theory: number;
  /** Linearised descent diverges from here on: η ≥ 2/λ_1². */
  readonly divergence: number;
  /** The user's own learning rate over `divergence`, below 1 where it is stable; null when none was given. */
  readonly ofDivergence: number | null;
}

const LOSSES: Readonly<Record<string, readonly [string, string]>> = {
  meanOfSquares: ["mean of squares", "(1/nK) Σr², as in PyTorch's MSELoss and Keras' mse"],
  sumOfSquares: ["sum of squares", "Σr²"],
  halfMeanOverSamples: ["½ sum / samples", "(1/2n) Σr²"],
  halfSum: ["½ sum of squares", "½ Σr², the theory's own"],
  meanOverSamples: ["mean cross-entropy", "over samples"],
  sum: ["summed cross-entropy", "over samples"],
};

/** One line per way of writing the loss; only the theory's own when the result knows no other. */
export const rateRows = ({ theory, divergence, inUsersUnits }: ResultView["learningRate"]): RateRow[] => {
  const units = inUsersUnits ?? {};
  const names = [...new Set(Object.keys(units).map((key) => key.slice(0, key.lastIndexOf("."))))];
  const rows = names.flatMap((name) => {
    const [limit, edge] = [units[`${name}.theory`], units[`${name}.divergence`]];
    const [loss, title] = LOSSES[name] ?? [name, ""];
    return limit === undefined || edge === undefined ? [] : [{ loss, title, theory: limit, divergence: edge, ofDivergence: units[`${name}.ofDivergence`] ?? null }];
  });
  return rows.length > 0 ? rows : [{ loss: "the theory’s own", title: "a sum over samples and outputs", theory, divergence, ofDivergence: null }];
};
