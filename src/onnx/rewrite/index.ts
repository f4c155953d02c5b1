import type { Model } from "../graph.ts";
import { storedAnswers } from "./control/answers.ts";
import { expandControl } from "./control/expand.ts";
import { dequantiseWeights } from "./dequantise-weights.ts";
import { dropZipMap } from "./drop-zipmap.ts";
import { openDynamicQuantisation } from "./dynamic-quantisation.ts";
import { hoistConstants } from "./hoist-constants.ts";
import { inlineFunctions } from "./inline-functions.ts";
import { noteConstants } from "./note-constants.ts";
import { noteFolded } from "./note-folded.ts";
import { noteSubgraphs } from "./note-subgraphs.ts";
import { noteWidened } from "./note-widened.ts";
import { type ModelWarning, type Pass, type RewriteOptions, type Rewritten, silent } from "./pass.ts";
import { openQuantisedActivations } from "./quantised-activations.ts";
import { recurrentLayout } from "./recurrent-layout.ts";
import { untie } from "./untie.ts";
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
const PASSES: readonly Pass[] = [
  noteWidened,
  uniqueNames,
  // Before functions: an Identity that inlining leaves behind says nothing about merged tensors.
  untie,
  inlineFunctions,
  hoistConstants,
  noteSubgraphs,
  storedControl,
  recurrentLayout,
  openDynamicQuantisation,
  dequantiseWeights,
  openQuantisedActivations,
  dropZipMap,
  noteFolded,
  noteConstants,
];

/**
 * Brings a model as read into the form that everything else expects: no local functions, every stored tensor an initializer of the model
 * with a name of its own, parameters as the network had them before it was exported as far as that can be seen. Says what it found and
 * changed. Control flow that depends on shapes is resolved later, when the model is traced.
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
