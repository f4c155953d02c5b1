/** "Set Up GPU": what it finds on this machine, and each thing that can be done about it. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../../scripts/support/run.mjs";
import { chooseFolder, pressButton, readDialog } from "../dialogs.mjs";
import { eventually } from "../steps.mjs";
import { chooseTheme, dismissNotifications, escapeQuickPick, notifications, pick, pickDetails, runCommand } from "../workbench.mjs";

const FOLDERS = "jacobianLens.gpu.libraryFolders";
const PROVIDER = "libonnxruntime_providers_cuda.so";

/** onnxruntime-node has the CUDA provider for this platform only. */
const CUDA = process.platform === "linux" && process.arch === "x64";

/** What there is on this machine, by other means than the extension's. */
const driverHere = () => ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"].some((file) => existsSync(file));
const providerHere = () => existsSync(path.join(ROOT, "node_modules/onnxruntime-node/bin/napi-v6/linux/x64", PROVIDER));

/** Opens the list and reads it: [name, what was found, what to do] of each row. The mouse rests where nothing hovers. */
const openList = async (page) => {
  await runCommand(page, "Jacobian Lens: Set Up GPU");
  await page.mouse.move(5, 5);
  return new Map((await pickDetails(page, "Set Up GPU")).map(([name, ...others]) => [name, others]));
};

const checkCuda = (rows) => {
  const [found] = rows.get("cuda");
  if (!providerHere()) assert.equal(found, `refused: missing ${PROVIDER} and 1 more`);
  if (driverHere()) return;
  assert.match(found, /^refused: /);
  assert.deepEqual([rows.get("GPU")[0], rows.get("driver")[0]], ["no NVIDIA GPU", "no NVIDIA driver"]);
  assert.equal([...rows.keys()][0], "Show the whole report", "no library helps without a GPU");
};

/** @param {import("./example.mjs").Story} story */
const listSteps = ({ page, shot, settings }) => [
  {
    name: "Set Up GPU lists each provider with the true reason of its refusal; the folders that the workspace names are not in use; Escape leaves everything as it was",
    run: async () => {
      const before = settings();
      const tabs = await page.locator(".tab").count();
      const rows = await openList(page);
      assert.deepEqual(rows.get("cpu")?.[0], "usable");
      assert.match(rows.get("webgpu")[0], /^(?:usable on .+|refused: .{10,})$/);
      if (CUDA) checkCuda(rows);
      assert.equal(rows.has("Folders in use"), false);
      await shot("gpu-dark");
      await escapeQuickPick(page);
      assert.deepEqual([settings(), await page.locator(".tab").count(), await notifications(page).count()], [before, tabs, 0]);
    },
  },
  {
    name: "a finding opens the whole report, in an editor that cannot be changed",
    run: async () => {
      await chooseTheme(page, "Light Modern", "vs");
      await openList(page);
      await shot("gpu-light");
      await pick(page, "webgpu");
      await page.locator(".tab.active", { hasText: "GPU Report" }).waitFor();
      const text = await eventually("report", () => page.locator(".editor-instance .view-lines").innerText(), (lines) => lines.includes("onnxruntime-node"));
      assert.match(text.replaceAll("\u00a0", " "), /cpu +usable \(\d+\.\d s to start\)/);
      await page.keyboard.type("x");
      assert.equal(await page.locator(".tab.dirty").count(), 0);
    },
  },
];

/** @param {import("./example.mjs").Story} story */
const installSteps = ({ page, shot, settings }) => [
  {
    name: "the CUDA provider is fetched only after a question that names source, size and files; cancelled, nothing is fetched or set",
    run: async () => {
      await chooseTheme(page, "Dark High Contrast", "hc-black");
      await openList(page);
      await shot("gpu-contrast");
      await pick(page, "Install the CUDA provider");
      const { title, lines, buttons } = await readDialog(page);
      assert.equal(title, "Install the CUDA provider of ONNX Runtime?");
      assert.match(lines.join("\n"), new RegExp(`^Source: .+ from .+, some hundred megabytes.*\nFiles: ${PROVIDER}, .+`));
      if (!driverHere()) assert.equal(lines.at(-1), "CUDA will not work with this alone: no NVIDIA GPU.");
      assert.deepEqual(buttons, ["Cancel", "Install"]);
      await shot("gpu-install-contrast");
      await pressButton(page, "Cancel");
      assert.deepEqual([settings()[FOLDERS], await notifications(page).count()], [undefined, 0]);
    },
  },
];

/** @param {import("./example.mjs").Story} story */
const folderSteps = ({ page, settings, root }) => [
  {
    name: "a chosen folder without libraries is refused in words",
    run: async () => {
      const folder = path.join(root, "no-libraries");
      mkdirSync(folder);
      await openList(page);
      await pick(page, "Use a folder with libraries");
      await chooseFolder(page, folder);
      await notifications(page).filter({ hasText: `${folder} holds neither ${PROVIDER} nor libraries of CUDA or cuDNN.` }).waitFor();
      assert.equal(settings()[FOLDERS], undefined);
      await dismissNotifications(page);
    },
  },
  {
    name: "a chosen folder with a provider becomes the user's setting, whether CUDA works now is said, and the list names the folder as in use",
    run: async () => {
      const folder = path.join(root, "provider");
      mkdirSync(folder);
      for (const name of [PROVIDER, "libonnxruntime_providers_shared.so"]) writeFileSync(path.join(folder, name), "not a library");
      await openList(page);
      await pick(page, "Use a folder with libraries");
      await chooseFolder(page, folder);
      await notifications(page).filter({ hasText: "CUDA is still refused: " }).waitFor();
      assert.deepEqual(settings()[FOLDERS], [folder]);
      await dismissNotifications(page);
      const rows = await openList(page);
      assert.equal(rows.get("Folders in use").at(-1), folder);
      await escapeQuickPick(page);
    },
  },
];

const notHere = (name) => [{ name, run: async () => {} }];

/** @param {import("./example.mjs").Story} story */
export const gpuSteps = (story) => {
  if (!CUDA) return [...listSteps(story), ...notHere("cannot try what Set Up GPU does about CUDA here: onnxruntime-node has no CUDA provider for this platform")];
  const install = providerHere() ? notHere("cannot try the question before the CUDA provider is fetched: it is installed already") : installSteps(story);
  return [...listSteps(story), ...install, ...folderSteps(story)];
};
