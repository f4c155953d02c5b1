/** Sidebar, hover, themes, reload. */
import assert from "node:assert/strict";
import { isDrawn, lensPanel, sidebar } from "../lens-panel.mjs";
import { eventually } from "../steps.mjs";
import { chooseTheme, hoverText, notifications, openActivity, openFile, resultRows } from "../workbench.mjs";
import { CHECKPOINT, RUN } from "./example.mjs";

const panelTab = (page) => page.locator(".tab", { hasText: `${CHECKPOINT} · Jacobian` }).first();

const THEMES = [
  { label: "Light Modern", workbench: "vs", kind: "vscode-light", shot: "panel-light" },
  { label: "Dark High Contrast", workbench: "hc-black", kind: "vscode-high-contrast", shot: "panel-contrast" },
];

/** @param {import("./example.mjs").Story} story */
export const surroundingSteps = (story) => {
  const { page, shot } = story;
  return [
    {
      name: "a cut-off that was moved just before another file is opened is kept with the result",
      run: async () => {
        await openFile(page, "run.yaml");
        await resultRows(page).filter({ hasText: new RegExp(`rank ${story.rank}\\b`) }).waitFor();
      },
    },
    {
      name: "the sidebar lists the result and draws its chart",
      run: async () => {
        await openActivity(page, "Jacobian");
        const view = await sidebar(page, "done");
        await isDrawn("sidebar chart", view.canvas);
        await page.locator(".pane-body .monaco-list-row", { hasText: CHECKPOINT }).first().waitFor();
        await shot("sidebar-dark");
      },
    },
    {
      name: "hovering the checkpoint's name in a YAML file says what it is and its figures",
      run: async () => {
        const text = await hoverText(page, `${RUN}/${CHECKPOINT}`, { contains: "ONNX" });
        await shot("hover-dark");
        assert.match(text, /ONNX model · 30\.5 kB/, "what it is");
        assert.match(text, /81\.84/, "the stored result's largest singular value");
        assert.match(text, /Open result/, "the way to it");
      },
    },
    ...THEMES.map((theme) => ({
      name: `the charts take the colours of ${theme.label}`,
      run: async () => {
        await chooseTheme(page, theme.label, theme.workbench);
        await panelTab(page).click();
        story.lens = await lensPanel(page);
        await eventually("theme of the panel", story.lens.themeKind, (kind) => kind === theme.kind);
        await isDrawn("singular values", () => story.lens.canvas("singular-values"));
        assert.equal(await story.lens.rank(), story.rank);
        await shot(theme.shot);
      },
    })),
    {
      name: "after a reload of the window the panel shows its result again",
      run: async () => {
        await page.reload();
        await panelTab(page).click(); // which tab comes up in front depends on when the workbench last saved its state
        story.lens = await lensPanel(page);
        await isDrawn("singular values", () => story.lens.canvas("singular-values"));
      },
    },
    {
      name: "nothing failed on the way",
      run: async () => assert.deepEqual(await notifications(page).allInnerTexts(), []),
    },
  ];
};
