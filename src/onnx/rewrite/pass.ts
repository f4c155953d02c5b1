import type { Model } from "../graph.ts";

/** Something the user should know about a model: what it is, and what can be done about it. Plain data. */
export interface ModelWarning {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What a user may choose about how a model is read. */
export interface RewriteOptions {
  /** Keeps equal tensors that the exporter merged as one parameter. Default: each name is a parameter of its own. */
  readonly keepTied?: boolean;
}

/** What a pass makes of a model. */
export interface Rewritten {
  readonly model: Model;
  readonly warnings: readonly ModelWarning[];
}

/** One rewrite: pure, cheap (no weight is read unless said so), and without effect on the function that the model computes unless a warning says so. */
export type Pass = (model: Model, options: RewriteOptions) => Rewritten;

/** A pass that has nothing to tell. */
export const silent = (pass: (model: Model) => Model): Pass => (model) => ({ model: pass(model), warnings: [] });

/** Up to `limit` names for a message: `"a", "b" and 3 more`. */
export const listed = (names: readonly string[], limit = 3): string => {
  const shown = names.slice(0, limit).map((name) => `"${name}"`).join(", ");
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
};
