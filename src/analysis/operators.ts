/** One derivative rule of the table. */
export interface RuleFacts {
  readonly operator: string;
  readonly domain: string;
  /** "rule": jvp and vjp; "zero": integer-valued or stepwise, derivative zero on purpose; "rewritten": decomposed before differentiation. */
  readonly kind: "rule" | "zero" | "rewritten";
  /** What is said about it in the table, one line. */
  readonly note: string;
}

/** What one model needs. */
export interface ModelOperators {
  readonly path: string;
  readonly opset: number;
  readonly operators: readonly { readonly operator: string; readonly domain: string; readonly count: number; readonly covered: boolean; readonly nodes: readonly string[] }[];
  readonly missing: readonly { readonly operator: string; readonly nodes: readonly string[]; readonly hint: string }[];
}

/** All derivative rules, sorted by domain and operator. */
export const listRules = (): readonly RuleFacts[] => {
  throw new Error("being written");
};

/** The operators of a model and those without a rule. @throws LensError as reading a model does. */
export const modelOperators = async (path: string): Promise<ModelOperators> => {
  await Promise.resolve();
  throw new Error(`being written: ${path}`);
};
