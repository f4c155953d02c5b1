import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../../scripts/support/run.mjs";

/**
 * What the steps share: the page, a way to keep a picture, the settings on the disk, a folder for files, and what earlier steps found.
 * @typedef {{ page: import("playwright-core").Page, shot: (name: string) => Promise<unknown>, settings: () => Record<string, unknown>, root: string,
 *   lens?: Awaited<ReturnType<typeof import("../lens-panel.mjs").lensPanel>>, before?: Record<string, number>, rank?: number }} Story
 */

/** The checkpoint that the story analyses. */
export const CHECKPOINT = "step_20000.onnx";
export const RUN = "clean";

/** A file in the same folder that is no complete model. */
export const BROKEN = "broken.onnx";

/**
 * Settings that the folder brings along: two wait until it is trusted, and where libraries are loaded from is not for a folder to say.
 */
export const WORKSPACE_SETTINGS = { "jacobianLens.provider": "cpu", "jacobianLens.memory": 4, "jacobianLens.gpu.libraryFolders": ["/not/the/users/choice"] };

/** The figures of PyTorch and numpy for it, at rank 50. */
export const expected = () => {
  const { checkpoints } = JSON.parse(readFileSync(path.join(ROOT, "examples/digits", RUN, "run.json"), "utf8"));
  return checkpoints.at(-1).train;
};
