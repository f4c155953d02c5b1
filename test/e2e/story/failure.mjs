/** What a user sees when it does not work. */
import assert from "node:assert/strict";
import { lensPanel, sidebar } from "../lens-panel.mjs";
import { chooseFromMenu, dismissNotifications, notifications, openActivity, pick } from "../workbench.mjs";
import { BROKEN, RUN } from "./example.mjs";

/** @param {import("./example.mjs").Story} story */
export const failureSteps = ({ page, shot }) => [
  {
    name: "a damaged model, analysed from the explorer's context menu, is refused in words that name it",
    run: async () => {
      await openActivity(page, "Explorer");
      await page.locator(".explorer-folders-view .monaco-list-row", { hasText: RUN }).first().click();
      await chooseFromMenu(page, page.locator(".explorer-folders-view .monaco-list-row", { hasText: BROKEN }), "Analyze Jacobian");
      await pick(page, "train.npz");
      const message = notifications(page).filter({ hasText: BROKEN }).first();
      await message.waitFor();
      await shot("notification-failed");
      await dismissNotifications(page);
    },
  },
  {
    name: "the sidebar keeps the failure, and its panel says code and hint",
    run: async () => {
      await openActivity(page, "Jacobian");
      const view = await sidebar(page, "failed");
      await view.click("sidebar-open");
      const lens = await lensPanel(page, { state: "failed" });
      assert.equal(await lens.text("error-code"), "MODEL_DAMAGED");
      assert.match(await lens.text("error-message"), new RegExp(BROKEN));
      assert.ok((await lens.text("error-hint")).length > 20);
      await shot("panel-failed");
    },
  },
];
