/** The density of the singular values, and what it adds up to. */
import assert from "node:assert/strict";
import { isDrawn } from "../lens-panel.mjs";
import { eventually } from "../steps.mjs";

/** @param {import("./example.mjs").Story} story */
export const densitySteps = (story) => [
  {
    name: "the density of the singular values is drawn, and what the information space holds of it follows the cut-off, as do the classes",
    run: async () => {
      await isDrawn("density", () => story.lens.canvas("density"));
      const held = async (rank) => Number(new RegExp(`r = ${rank}\\s+([\\d.]+) %`).exec(await story.lens.text("mass"))?.[1]);
      const at100 = await eventually("share at rank 100", () => held(100), (share) => share > 0 && share < 100);
      await story.lens.locate("density").scrollIntoViewIfNeeded();
      await story.shot("panel-density");
      await story.lens.setRank(60);
      await eventually("share at rank 60", () => held(60), (share) => share > 0 && share < at100);
      assert.match(await story.lens.text("classes-note"), /rank 60/);
      await story.lens.locate("cutoff-slider").scrollIntoViewIfNeeded();
    },
  },
];
