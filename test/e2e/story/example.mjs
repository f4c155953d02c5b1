import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../../scripts/support/run.mjs";

/**
 * What the steps share: the page, a way to keep a picture, and what earlier steps found.
 * @typedef {{ page: import("playwright-core").Page, shot: (name: string) => Promise<unknown>,
 *   lens?: Awaited<ReturnType<typeof import("../lens-panel.mjs").lensPanel>>, before?: Record<string, number> }} Story
 */

/** The checkpoint that the story analyses. */
export const CHECKPOINT = "step_20000.onnx";
export const RUN = "clean";

/** A file in the same folder that is no complete model. */
export const BROKEN = "broken.onnx";

/** The figures of PyTorch and numpy for it, at rank 50. */
export const expected = () => {
  const { checkpoints } = JSON.parse(readFileSync(path.join(ROOT, "examples/digits", RUN, "run.json"), "utf8"));
  return checkpoints.at(-1).train;
};
