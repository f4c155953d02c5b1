/** Modal dialogs, the settings editor and the trust of a folder, as a user meets them in the workbench. Selectors as of VS Code 1.139.1. */
import { eventually } from "./steps.mjs";
import { retry, runCommand } from "./workbench.mjs";

const DIALOG = ".monaco-dialog-box";
const button = (page, label) => page.locator(`${DIALOG} .monaco-button`).filter({ hasText: label }).first();

/** What the open modal dialog says: its title, its lines, the names of its buttons, and the one that Enter presses. Waits for one. */
export const readDialog = async (page, { timeout = 30_000 } = {}) => {
  const box = page.locator(DIALOG);
  await box.waitFor({ timeout });
  const focused = box.locator(".monaco-button:focus");
  await focused.waitFor(); // a dialog takes the keyboard a moment after it shows
  return {
    title: await box.locator(".dialog-message-text").innerText(),
    lines: (await box.locator(".dialog-message-detail").innerText()).split("\n").filter((line) => line !== ""),
    buttons: await box.locator(".dialog-buttons .monaco-button").allInnerTexts(),
    standard: await focused.innerText(),
  };
};

/** Waits for a modal dialog, whatever has the keyboard: a list that closes late may take it back from the dialog after it. */
export const dialogShown = (page) => page.locator(DIALOG).waitFor();

/** Presses a button of the open dialog, by mouse, and waits until the dialog has gone. */
export const pressButton = async (page, label) => {
  await button(page, label).click();
  await page.locator(DIALOG).waitFor({ state: "hidden" });
};

/** Closes the editor that floats over the others: settings, or the workspace's trust. */
const closeModalEditor = async (page) => {
  const floating = page.locator(".monaco-modal-editor-block");
  await floating.locator('.action-label[aria-label^="Close Modal Editor"]').click();
  await floating.waitFor({ state: "hidden" });
};

/** The settings editor, opened by a command of the palette and showing what `query` finds; rows by the setting's key. */
export const openSettings = async (page, command, query) => {
  await runCommand(page, command);
  const editor = page.locator(".settings-editor");
  const box = editor.locator(".suggest-input-container");
  // What is typed goes to whatever has the keyboard, which an editor that opens may take for itself: what the box holds is read back.
  const search = (text) =>
    retry(
      async () => {
        await box.locator(".monaco-editor").click({ timeout: 5000 });
        await page.keyboard.press("ControlOrMeta+A");
        await page.keyboard.type(text);
        await box.locator(".view-line", { hasText: text }).waitFor({ timeout: 3000 });
      },
      { timeout: 20_000 },
    );
  await search(query);
  return {
    row: (key) => editor.locator(`.settings-editor-tree .setting-item-contents[data-key="${key}"]`),
    search,
    count: editor.locator(".settings-count-widget"),
    close: () => closeModalEditor(page),
  };
};

/** Types a number into a setting of the user's; `written` reads the settings that are on the disk. */
export const setNumber = async (page, key, value, written) => {
  const settings = await openSettings(page, "Jacobian Lens: Open Settings", key);
  // The list of settings may be drawn anew while it is typed into, and forgets what was typed.
  const fill = async () => {
    await settings.row(key).locator("input").fill("", { timeout: 5000 });
    await settings.row(key).locator("input").fill(String(value), { timeout: 5000 });
    await eventually(`${key} written`, () => written()[key], (found) => found === value, { timeout: 5000 });
  };
  await retry(fill, { timeout: 30_000 });
  await settings.close();
};

/** Types a folder's path into the file dialog that opens, and takes it. The folder has no folders in it: then its list is seen to be shown. */
export const chooseFolder = async (page, folder) => {
  const input = page.locator(".quick-input-widget .quick-input-box input");
  const ok = page.locator(".quick-input-action .monaco-button", { hasText: "OK" });
  const rows = async () => (await page.locator(".quick-input-list .monaco-list-row").allInnerTexts()).map((row) => row.trim());
  await ok.waitFor();
  // The dialog fills in the folder it begins with a moment after it opens, over what was typed by then.
  await eventually("first folder", async () => [await input.inputValue(), ...(await rows())], ([path, ...found]) => path !== "" && found.length > 1);
  await input.fill(`${folder}/`);
  await eventually(`folders in ${folder}`, rows, (found) => found.length === 1 && found[0] === "..");
  await ok.click();
};

/** Trusts the open folder in the editor that the button of the sidebar's welcome text opens. */
export const trustFolder = async (page) => {
  await page.locator(".welcome-view .monaco-button", { hasText: "Manage Workspace Trust" }).click();
  const editor = page.locator(".workspace-trust-editor");
  await editor.locator(".monaco-button", { hasText: /^Trust$/ }).click();
  await editor.filter({ hasText: "You trust this" }).waitFor();
  await closeModalEditor(page);
};
