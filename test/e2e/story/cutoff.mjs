/** Reading the panel and moving its cut-off. */
import assert from "node:assert/strict";
import { eventually } from "../steps.mjs";
import { CHECKPOINT, expected } from "./example.mjs";

const near = (actual, wanted, what) => assert.ok(Math.abs(actual - wanted) < 2e-3, `${what}: ${actual}, not ${wanted}`);

/** @param {import("./example.mjs").Story} story */
export const cutoffSteps = (story) => {
  const { shot } = story;
  return [
    {
      name: "the facts line names model, samples, parameters, provider and checks",
      run: async () => {
        assert.match(await story.lens.text("model"), new RegExp(CHECKPOINT));
        assert.match(await story.lens.text("facts"), /200/);
        assert.match(await story.lens.text("facts"), /7[,.\s\u202f]?510/);
        assert.match(await story.lens.text("provider"), /cpu/i);
        assert.match(await story.lens.text("checks"), /passed/i);
      },
    },
    {
      name: "at rank 50 the table shows PyTorch's figures",
      run: async () => {
        await story.lens.setRank(50);
        const table = await eventually("table at rank 50", story.lens.table, (cells) => Math.abs(cells["labels-information"] - expected().info_y) < 2e-3);
        near(table["labels-nuisance"], expected().nuisance_y, "nuisance share of y");
        near(table["residual-information"], expected().info_r, "information share of r");
        near(table["residual-nuisance"], expected().nuisance_r, "nuisance share of r");
        story.before = table;
      },
    },
    {
      name: "the table follows the cut-off while it is dragged, and keeps where it was left",
      run: async () => {
        let during;
        await story.lens.dragCutoff(0.2, async () => {
          during = await eventually("table while dragging", story.lens.table, (cells) => cells["labels-information"] > story.before["labels-information"]);
        });
        const after = await eventually("table after dragging", story.lens.table, (cells) => cells["labels-information"] > during["labels-information"]);
        assert.ok(after["labels-nuisance"] < story.before["labels-nuisance"]);
        assert.ok((await story.lens.rank()) > 50);
        await shot("panel-dragged");
      },
    },
    {
      name: "arrow keys move the cut-off by one",
      run: async () => {
        const rank = await story.lens.rank();
        await story.lens.locate("cutoff-slider").press("ArrowRight");
        story.rank = await eventually("rank after the key", story.lens.rank, (value) => value === rank + 1);
      },
    },
  ];
};
