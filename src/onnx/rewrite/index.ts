import type { Model } from "../graph.ts";
import { storedAnswers } from "./control/answers.ts";
import { expandControl } from "./control/expand.ts";
import { hoistConstants } from "./hoist-constants.ts";
import { inlineFunctions } from "./inline-functions.ts";
import { type ModelWarning, type Pass, type RewriteOptions, type Rewritten, silent } from "./pass.ts";
import { uniqueNames } from "./unique-names.ts";

/** Branches and loops that the stored tensors alone decide. */
const storedControl = silent((model: Model): Model => {
  let current = model;
  for (;;) {
    const next = expandControl(current, storedAnswers(current.graph));
    if (next === current) return current;
    current = next;
  }
});

/** All passes, in order. Each may rely on what those before it establish. */
const PASSES: readonly Pass[] = [uniqueNames, inlineFunctions, hoistConstants, storedControl];

/**
 * Brings a model as read into the form that everything else expects: no local functions, every stored tensor an initializer of the model
 * with a name of its own. Control flow that depends on shapes is resolved later, when the model is traced.
 */
export const rewriteModel = (model: Model, options: RewriteOptions = {}): Rewritten => {
  const warnings: ModelWarning[] = [];
  let current = model;
  for (const pass of PASSES) {
    const { model: next, warnings: own } = pass(current, options);
    current = next;
    warnings.push(...own);
  }
  return { model: current, warnings };
};
