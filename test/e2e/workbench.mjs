/** A thin page-object layer over a VS Code workbench in Chromium. Selectors as of VS Code 1.139.1 (code-server 4.139.1). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { findChromium } from "../../scripts/support/chromium.mjs";

const QUICK_INPUT = ".quick-input-widget .quick-input-box input";
const QUICK_ROW = ".quick-input-list .monaco-list-row";

/** Starts a browser of its own profile. Every name but 127.0.0.1 is made unresolvable: proof that nothing needs the network. */
export const launchBrowser = async ({ viewport = { width: 1400, height: 900 } } = {}) => {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("no Chromium found: set CHROMIUM to its path");
  const profile = mkdtempSync(path.join(tmpdir(), "lens-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, page: context.pages()[0] ?? (await context.newPage()), close };
};

/** Opens the workbench on `folder`. `payload`: key–value pairs for the workbench, e.g. extensionDevelopmentPath. */
export const openWorkbench = async (page, base, folder, payload) => {
  const query = new URLSearchParams();
  if (folder) query.set("folder", folder);
  if (payload) query.set("payload", JSON.stringify(payload));
  await page.goto(`${base}/?${query}`);
  await page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 60_000 });
};

/** Repeats `attempt` until it succeeds or `timeout` ms are over; then throws its last error. */
export const retry = async (attempt, { timeout, between = async () => {} }) => {
  const end = Date.now() + timeout;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await between();
    }
  }
};

/** Waits for a row of the open quick pick that shows `text` and clicks it. */
export const pick = async (page, text, { timeout = 15_000 } = {}) => {
  const row = page.locator(QUICK_ROW).filter({ hasText: text }).first();
  await row.waitFor({ state: "visible", timeout });
  await row.click({ timeout });
};

/**
 * Types into the quick pick that a command opens and clicks the row of that text. The input may still be the palette's, or be emptied once the
 * rows are there: then it is filled in again. A long list holds only the rows in view.
 */
const filterAndPick = (page, text) =>
  retry(
    async () => {
      await page.locator(QUICK_INPUT).fill(text, { timeout: 3000 });
      await pick(page, text, { timeout: 3000 });
    },
    { timeout: 7000 },
  );

/** The titles of the rows of the open quick pick. */
export const pickRows = async (page) => {
  await page.locator(QUICK_ROW).first().waitFor({ state: "visible" });
  return page.locator(`${QUICK_ROW} .label-name`).allInnerTexts();
};

/** The rows of the quick pick of this title, once it is open: [label, description, detail] each. */
export const pickDetails = async (page, title) => {
  await page.locator(".quick-input-title").filter({ hasText: new RegExp(`^${title}$`) }).waitFor();
  const rows = page.locator(QUICK_ROW);
  await rows.first().waitFor({ state: "visible" });
  const parts = [".label-name", ".label-description", ".quick-input-list-label-meta .label-name"];
  return rows.evaluateAll((elements, selectors) => elements.map((row) => selectors.map((selector) => row.querySelector(selector)?.innerText.trim() ?? "")), parts);
};

/** Closes the open quick pick by Escape, wherever the keyboard was. */
export const escapeQuickPick = async (page) => {
  await page.locator(QUICK_INPUT).press("Escape");
  await page.locator(QUICK_INPUT).waitFor({ state: "hidden" });
};

export const quickPickIsOpen = (page) => page.locator(".quick-input-widget").isVisible();

/**
 * Opens a quick input by its key and types into it. An editor or dialog that has just closed may still take the keyboard back, which closes
 * the quick input again: then it is opened anew.
 */
const typeInto = (page, key, text) =>
  retry(
    async () => {
      await page.keyboard.press(key);
      const input = page.locator(QUICK_INPUT);
      await input.waitFor({ state: "visible", timeout: 5000 });
      await input.fill(text, { timeout: 2000 });
    },
    { timeout: 20_000, between: () => page.keyboard.press("Escape") },
  );

/** Opens the palette, types, reads what it offers and closes it. */
export const paletteRows = async (page, text) => {
  await typeInto(page, "F1", `>${text}`);
  const rows = await pickRows(page);
  await page.keyboard.press("Escape");
  await page.locator(QUICK_INPUT).waitFor({ state: "hidden" });
  return rows;
};

/**
 * Runs a command through the real palette; `label` is "Category: Title". Retries until it is offered: contributions arrive after the
 * workbench shows. Done when the palette has closed or was replaced by the command's own quick pick.
 */
export const runCommand = (page, label, { timeout = 30_000 } = {}) =>
  retry(
    async () => {
      await typeInto(page, "F1", `>${label}`);
      const row = page.locator(QUICK_ROW).filter({ has: page.locator(".label-name", { hasText: label }) }).first();
      await row.waitFor({ state: "visible", timeout: 3000 });
      await row.click({ timeout: 3000 });
      const closed = (selector) => {
        const box = document.querySelector(selector);
        return !box || !box.checkVisibility() || !box.value.startsWith(">");
      };
      await page.waitForFunction(closed, QUICK_INPUT, { timeout: 5000 });
    },
    { timeout, between: () => page.keyboard.press("Escape") },
  );

/** Opens a file of the workspace by name through quick open and waits for its editor. */
export const openFile = async (page, name) => {
  await typeInto(page, "Control+P", name);
  await pick(page, name);
  await page.locator(`.tab[data-resource-name="${name}"].active, .tab.active[aria-label^="${name}"]`).first().waitFor();
  await page.locator(".editor-instance .monaco-editor .view-lines .view-line").first().waitFor();
};

/** The document inside the webview that holds an element matching `marker`: panel and sidebar look alike from outside. */
export const webviewFrame = (page, marker, { timeout = 30_000 } = {}) =>
  retry(
    async () => {
      for (const outer of await page.locator("iframe.webview.ready").elementHandles()) {
        const shell = await outer.contentFrame();
        const inner = await (await shell?.$("iframe#active-frame"))?.contentFrame();
        if (inner && (await inner.locator(marker).count().catch(() => 0)) > 0) return inner;
      }
      throw new Error(`no webview shows ${marker}`);
    },
    { timeout, between: () => page.waitForTimeout(100) },
  );

/** Hovers a word of the active editor and returns the hover's text; `contains`: wait for a hover with this text. */
export const hoverText = (page, word, { contains, timeout = 15_000 } = {}) =>
  retry(
    async () => {
      await page.mouse.move(5, 5);
      await page.locator(".editor-group-container.active .view-line span", { hasText: word }).last().hover({ timeout: 3000 });
      const hovers = page.locator(".monaco-hover:not(.hidden) .monaco-hover-content");
      await (contains ? hovers.filter({ hasText: contains }) : hovers).first().waitFor({ state: "visible", timeout: 3000 });
      return (await hovers.allInnerTexts()).join("\n");
    },
    { timeout },
  );

/** Shows the view container whose label begins with this title (its key may follow); a click on one that is shown would hide it. */
export const openActivity = async (page, title) => {
  const shown = page.locator(`.activitybar .action-item.checked a.action-label[aria-label^="${title}"]`);
  if ((await shown.count()) === 0) await page.locator(`.activitybar a.action-label[aria-label^="${title}"]`).click();
};

/**
 * Opens the context menu of an element and chooses an entry, by key: a menu takes no click in its first moments. A view that redraws itself,
 * as the explorer does after a reload, closes the menu again: then it is opened anew. The entry is chosen once.
 */
export const chooseFromMenu = async (page, target, entry) => {
  const item = page.locator(".context-view .action-item .action-label", { hasText: entry }).first();
  const focus = async () => {
    await target.click({ button: "right", timeout: 5000 });
    await item.hover({ timeout: 3000 });
    await page.locator(".context-view .action-item.focused .action-label", { hasText: entry }).waitFor({ timeout: 3000 });
  };
  await retry(focus, { timeout: 30_000, between: () => page.keyboard.press("Escape") });
  await page.keyboard.press("Enter");
  await item.waitFor({ state: "hidden" });
};

/**
 * Changes the colour theme through its own quick pick, by the theme's label, and waits until the workbench wears it. Just after the workbench
 * shows the list may hold no theme yet, and stays so until it is opened anew.
 */
export const chooseTheme = async (page, label, workbenchClass) => {
  const choose = async () => {
    await runCommand(page, "Preferences: Color Theme");
    await filterAndPick(page, label);
  };
  await retry(choose, { timeout: 60_000, between: () => page.keyboard.press("Escape") });
  await page.locator(`.monaco-workbench.${workbenchClass}`).waitFor();
};

/** The stored results in the sidebar's tree, below their models. */
export const resultRows = (page) => page.locator(".pane-body .monaco-list-row");

/** The messages that stand in the corner. */
export const notifications = (page) => page.locator(".notifications-toasts .notification-list-item-message");

export const dismissNotifications = (page) => runCommand(page, "Notifications: Clear All Notifications");
