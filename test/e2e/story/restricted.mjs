/** A folder that nobody has trusted yet, and what changes when it is. */
import assert from "node:assert/strict";
import { openSettings, trustFolder } from "../dialogs.mjs";
import { sidebar } from "../lens-panel.mjs";
import { eventually } from "../steps.mjs";
import { dismissNotifications, notifications, openActivity, paletteRows, quickPickIsOpen } from "../workbench.mjs";

/** Of the settings that the folder brings (example.mjs): one that waits for trust. */
const WAITING = "jacobianLens.provider";
const FOLDERS = "jacobianLens.gpu.libraryFolders";

/** @param {import("./example.mjs").Story} story */
export const restrictedSteps = ({ page, shot }) => [
  {
    name: "in a folder that is not trusted neither the analysis nor Set Up GPU is in the palette, and the sidebar says why",
    run: async () => {
      await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
      await openActivity(page, "Jacobian");
      await page.locator(".welcome-view", { hasText: "trusted workspaces only" }).waitFor();
      const offered = await eventually("commands", () => paletteRows(page, "Jacobian Lens"), (rows) => rows.some((row) => row.endsWith("Open Log")));
      assert.deepEqual(offered.filter((row) => /GPU|Analyze/.test(row)), []);
      await shot("restricted-dark");
    },
  },
  {
    name: "its own settings of provider and memory wait for trust, and the folders of GPU libraries are none of a workspace's settings",
    run: async () => {
      const settings = await openSettings(page, "Preferences: Open Workspace Settings", "jacobianLens");
      await settings.row(WAITING).filter({ hasText: "Requires workspace trust" }).waitFor();
      await settings.row("jacobianLens.memory").filter({ hasText: "Requires workspace trust" }).waitFor();
      await settings.search(FOLDERS);
      await settings.count.filter({ hasText: "No Settings Found" }).waitFor();
      await settings.close();
    },
  },
  {
    name: "the sidebar's own button refuses before it asks for anything",
    run: async () => {
      await (await sidebar(page, "empty")).click("sidebar-analyse");
      await notifications(page).filter({ hasText: "only in a trusted workspace" }).waitFor();
      assert.equal(await quickPickIsOpen(page), false);
      await dismissNotifications(page);
    },
  },
  {
    name: "once the user trusts the folder the sidebar offers the analysis",
    run: async () => {
      await trustFolder(page);
      await page.locator(".welcome-view .monaco-button", { hasText: "Analyze Jacobian" }).waitFor();
    },
  },
];
