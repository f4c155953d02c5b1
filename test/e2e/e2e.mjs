/**
 * The story of a user, in a real workbench with the packaged extension installed: analyse a checkpoint of examples/digits from the palette, read
 * and drag the cut-off, hover a checkpoint's name, open the sidebar, change the theme, answer the question before a long analysis, set up a GPU.
 * The folder is opened in restricted mode and trusted on the way.
 *   node test/e2e/e2e.mjs [report.json]        screenshots go to test/results
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { packageExtension } from "../../scripts/support/package.mjs";
import { ROOT } from "../../scripts/support/run.mjs";
import { startServer } from "./server.mjs";
import { runSteps, writeReport } from "./steps.mjs";
import { analyseSteps } from "./story/analyse.mjs";
import { cutoffSteps } from "./story/cutoff.mjs";
import { densitySteps } from "./story/density.mjs";
import { BROKEN, CHECKPOINT, RUN, WORKSPACE_SETTINGS } from "./story/example.mjs";
import { failureSteps } from "./story/failure.mjs";
import { gpuSteps } from "./story/gpu.mjs";
import { planSteps } from "./story/plan.mjs";
import { restrictedSteps } from "./story/restricted.mjs";
import { surroundingSteps } from "./story/surroundings.mjs";
import { launchBrowser, openWorkbench } from "./workbench.mjs";

const RESULTS = path.join(ROOT, "test/results");

/** A copy of the example with settings of its own and one model cut off half way. */
const exampleIn = (root) => {
  const folder = path.join(root, "digits");
  cpSync(path.join(ROOT, "examples/digits"), folder, { recursive: true });
  const whole = readFileSync(path.join(folder, RUN, CHECKPOINT));
  writeFileSync(path.join(folder, RUN, BROKEN), whole.subarray(0, whole.length / 2));
  mkdirSync(path.join(folder, ".vscode"), { recursive: true });
  writeFileSync(path.join(folder, ".vscode/settings.json"), JSON.stringify(WORKSPACE_SETTINGS, null, 2));
  return folder;
};

const main = async (report) => {
  mkdirSync(RESULTS, { recursive: true });
  const root = mkdtempSync(path.join(tmpdir(), "lens-e2e-"));
  const folder = exampleIn(root);
  const undo = [() => rmSync(root, { recursive: true, force: true })];
  try {
    const server = await startServer({ root: path.join(root, "cs"), folder, vsix: [await packageExtension()], trust: true });
    undo.unshift(server.stop);
    const browser = await launchBrowser();
    undo.unshift(browser.close);
    const shot = (name) => browser.page.screenshot({ path: path.join(RESULTS, `${name}.png`) });
    await openWorkbench(browser.page, server.url, folder);
    const story = { page: browser.page, shot, settings: server.settings, root };
    const steps = [restrictedSteps, analyseSteps, densitySteps, cutoffSteps, surroundingSteps, failureSteps, planSteps, gpuSteps].flatMap((part) => part(story));
    const counts = await runSteps(steps, { onFailure: () => shot("failed") });
    if (report) writeReport(report, counts);
    return counts.failed === 0 ? 0 : 1;
  } finally {
    for (const step of undo) await step();
  }
};

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
