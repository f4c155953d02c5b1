/** From the palette to a panel with charts. */
import assert from "node:assert/strict";
import { isDrawn, lensPanel, sidebar } from "../lens-panel.mjs";
import { eventually } from "../steps.mjs";
import { openActivity, pick, pickRows, runCommand } from "../workbench.mjs";
import { CHECKPOINT, RUN } from "./example.mjs";

/** @param {import("./example.mjs").Story} story */
export const analyseSteps = (story) => {
  const { page, shot } = story;
  return [
    {
      name: "the sidebar of a workspace without results offers the analysis",
      run: async () => {
        await openActivity(page, "Jacobian");
        const view = await sidebar(page, "empty");
        assert.ok((await view.text("sidebar-analyse")).length > 0);
      },
    },
    {
      name: "the palette's command asks for model and data, and proposes the data lying beside the model",
      run: async () => {
        await runCommand(page, "Jacobian Lens: Analyze Jacobian");
        const models = await pickRows(page);
        assert.ok(models.some((row) => row.includes("step_")), `models offered: ${models.join(", ")}`);
        await pick(page, new RegExp(`${CHECKPOINT}[^]*${RUN}`));
        const data = await eventually("data files offered", () => pickRows(page), (rows) => rows.some((row) => row.includes("train.npz")));
        assert.match(data[0], /train\.npz/, "the training data beside the model comes first");
        await pick(page, new RegExp(`train\\.npz[^]*${RUN}`));
      },
    },
    {
      name: "the panel shows the finished analysis with both charts drawn",
      run: async () => {
        story.lens = await lensPanel(page);
        await isDrawn("singular values", () => story.lens.canvas("singular-values"));
        await isDrawn("cumulative power", () => story.lens.canvas("cumulative"));
        await shot("panel-dark");
      },
    },
  ];
};
