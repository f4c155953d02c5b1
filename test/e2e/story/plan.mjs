/** The question before a long analysis, answered in each way. */
import assert from "node:assert/strict";
import { dialogShown, pressButton, readDialog, setNumber } from "../dialogs.mjs";
import { lensPanel } from "../lens-panel.mjs";
import { eventually } from "../steps.mjs";
import { chooseTheme, escapeQuickPick, notifications, openActivity, pick, pickDetails, resultRows, runCommand } from "../workbench.mjs";
import { RUN } from "./example.mjs";

const ASKED = "step_00500.onnx";
const CONFIRMED = "step_02000.onnx";

/** Asks for the analysis of a checkpoint on the training data beside it; resolves to what the dialog says. */
const askFor = async (page, model) => {
  await runCommand(page, "Jacobian Lens: Analyze Jacobian");
  await pick(page, new RegExp(`${model}[^]*${RUN}`));
  await pick(page, new RegExp(`train\\.npz[^]*${RUN}`));
  return readDialog(page);
};

const resultsOf = (page, model) => resultRows(page).filter({ hasText: model }).count();

/** @param {import("./example.mjs").Story} story */
export const planSteps = ({ page, shot, settings }) => [
  {
    name: "with a threshold of 0 seconds, set in the settings editor, an analysis first shows time, memory, method and why; cancelled, it runs nothing and says so",
    run: async () => {
      await openActivity(page, "Jacobian");
      await setNumber(page, "jacobianLens.confirmAbove", 0, settings);
      const { title, lines, buttons, standard } = await askFor(page, ASKED);
      assert.match(title, /^This analysis takes about [\d.]+ (?:s|min) by the method gram\.$/);
      assert.match(lines.join("\n"), /^Model: step_00500\.onnx \(parameters: 7,510\)\.\nData: train\.npz \(samples × outputs: 200 × 10\)\.\nMemory: \d+ MiB of 4 GiB allowed\.\nResult: all singular values, each with an error bar\.\nThis method because all singular values fit 4 GiB\.$/);
      assert.deepEqual([buttons, standard], [["Other Method…", "Cancel", "Run"], "Run"]);
      await shot("plan-contrast");
      await pressButton(page, "Cancel");
      await page.locator(".statusbar-item", { hasText: `${ASKED} was not analyzed` }).waitFor();
      await eventually("progress shown", () => notifications(page).count(), (count) => count === 0);
      assert.equal(await resultsOf(page, ASKED), 0);
    },
  },
  {
    name: "another method can be chosen from those that fit, each with its time, memory and result; who chooses none is asked again; the panel shows the one that ran",
    run: async () => {
      await chooseTheme(page, "Light Modern", "vs");
      await askFor(page, ASKED);
      assert.equal(await page.locator(".statusbar-item", { hasText: "was not analyzed" }).count(), 0);
      await shot("plan-light");
      await pressButton(page, "Other Method");
      const methods = await pickDetails(page, "Method");
      assert.deepEqual(methods.map(([method]) => method).sort(), ["finite-difference", "krylov", "rows", "sketch"]);
      for (const [method, cost, returns] of methods) {
        assert.match(cost, /^[\d.]+ (?:s|min), \d+ MiB$/, method);
        assert.ok(returns.length > 10, `${method} gives ${returns}`);
      }
      await shot("plan-methods-light");
      await escapeQuickPick(page);
      await dialogShown(page);
      await pressButton(page, "Other Method");
      await pick(page, "krylov");
      const lens = await lensPanel(page, { model: ASKED });
      assert.equal(await lens.text("method-fact"), "block Krylov, leading values certified");
      await lens.setRank(127);
      assert.match(await lens.text("gap"), /^≥ 1/); // λ_{r+1} was not computed: its bound is there
      await shot("panel-krylov-light");
      await eventually("results", () => resultsOf(page, ASKED), (count) => count === 1);
    },
  },
  {
    name: "Enter runs the planned method",
    run: async () => {
      await chooseTheme(page, "Dark Modern", "vs-dark");
      const { standard } = await askFor(page, CONFIRMED);
      assert.equal(standard, "Run");
      await shot("plan-dark");
      await page.keyboard.press("Enter");
      const lens = await lensPanel(page, { model: CONFIRMED });
      assert.equal(await lens.text("method-fact"), "Gram matrix, exact");
    },
  },
];
