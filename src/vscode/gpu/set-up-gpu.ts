import * as vscode from "vscode";
import type { DoctorReport } from "../../analysis/doctor.ts";
import { LensError } from "../../core/errors.ts";
import { nodeMachine } from "../../gpu-setup/node-machine.ts";
import { obstacle } from "../../gpu-setup/report.ts";
import type { App } from "../app.ts";
import type { Command } from "../commands/command.ts";
import { SETTINGS, SETTINGS_SECTION } from "../contributions.ts";
import { requireTrust } from "../trust.ts";
import { type GpuAction, gpuChoices } from "./gpu-choices.ts";
import type { Diagnosis, Installed } from "./gpu-support.ts";
import { folderWithLibraries, withFolders, withoutFolder } from "./library-setting.ts";
import { reportText } from "./report-text.ts";

/** Tells how work goes in a notification with a button to cancel. */
const withNotice = <R>(title: string, work: (progress: (fraction: number, label: string) => void, signal: AbortSignal) => Promise<R>): Thenable<R> =>
  vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (notice, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => { stop.abort(); });
    let shown = 0;
    return work((fraction, message) => {
      notice.report({ message, increment: Math.max(0, fraction - shown) * 100 });
      shown = Math.max(shown, fraction);
    }, stop.signal);
  });

const diagnose = (app: App): Thenable<Diagnosis> => withNotice(vscode.l10n.t("Looking at GPU and providers"), (_, signal) => app.gpu.diagnose(signal));

const setFolders = async (folders: readonly string[]): Promise<void> => {
  await vscode.workspace.getConfiguration(SETTINGS_SECTION).update(SETTINGS.gpuLibraryFolders, folders, vscode.ConfigurationTarget.Global);
};

const showReport = async (app: App, { report, text }: Diagnosis): Promise<void> => app.gpuReport.show(reportText(text, report, await app.gpu.installed()));

/** Says what fetching would do and asks. There is no way around the question. */
const install = async (app: App, { gpu }: DoctorReport): Promise<boolean> => {
  if (gpu?.cuda === null || gpu === null) return false;
  const { offered } = gpu.cuda;
  const first = obstacle(gpu.steps.cuda);
  const yes = vscode.l10n.t("Install");
  const detail = [
    vscode.l10n.t("Source: {0} {1} from {2}, some hundred megabytes, by the installer of onnxruntime-node.", offered.name, offered.version, new URL(offered.feed).host),
    vscode.l10n.t("Files: {0}, in the extension's own folder. This command removes them again.", offered.files.join(", ")),
    ...(first === undefined || first.subject === "provider library" || first.subject === "CUDA libraries" ? [] : [vscode.l10n.t("CUDA will not work with this alone: {0}.", first.found)]),
  ].join("\n\n");
  if ((await vscode.window.showWarningMessage(vscode.l10n.t("Install the CUDA provider of ONNX Runtime?"), { modal: true, detail }, yes)) !== yes) return false;
  const folder = await withNotice(vscode.l10n.t("Installing the CUDA provider"), (progress, signal) => app.gpu.install(offered, gpu.onnxruntime, progress, signal));
  await setFolders(withFolders(app.gpu.folders(), [folder]));
  return true;
};

const remove = async (app: App, installed: Installed): Promise<boolean> => {
  const yes = vscode.l10n.t("Remove");
  const changed = await app.gpu.changed(installed);
  const names = installed.manifest.files.map(({ name }) => name).join(", ");
  const detail = `${names}${changed.length > 0 ? `\n\n${vscode.l10n.t("Changed since they were installed: {0}.", changed.join(", "))}` : ""}`;
  if ((await vscode.window.showWarningMessage(vscode.l10n.t("Remove the CUDA provider that was installed from here?"), { modal: true, detail }, yes)) !== yes) return false;
  await setFolders(withoutFolder(app.gpu.folders(), installed.folder));
  const left = await app.gpu.remove(installed.folder);
  if (left.length > 0) void vscode.window.showWarningMessage(vscode.l10n.t("{0} still holds files that were not installed from here: {1}.", installed.folder, left.join(", ")));
  return true;
};

const use = async (app: App, folders: readonly string[]): Promise<boolean> => {
  const checked = await Promise.all(folders.map((folder) => folderWithLibraries(nodeMachine(), folder)));
  await setFolders(withFolders(app.gpu.folders(), checked));
  return true;
};

/** Does what was chosen; true when something has changed that should be looked at again. */
const act = async (app: App, action: GpuAction, found: Diagnosis): Promise<boolean> => {
  switch (action.kind) {
    case "install":
      return install(app, found.report);
    case "useFolders":
      return use(app, action.folders);
    case "chooseFolder": {
      const [chosen] = await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, title: vscode.l10n.t("A folder with libraries of CUDA, cuDNN or ONNX Runtime's CUDA provider") }) ?? [];
      return chosen !== undefined && use(app, [chosen.fsPath]);
    }
    case "remove":
      return remove(app, action.installed);
    case "openSetting":
      await vscode.commands.executeCommand("workbench.action.openSettings", `${SETTINGS_SECTION}.${SETTINGS.gpuLibraryFolders}`);
      return false;
    case "showReport":
      await showReport(app, found);
      return false;
  }
};

/** Says whether CUDA works now, after a change. */
const sayOutcome = (app: App, after: Diagnosis): void => {
  const cuda = after.report.providers.find(({ provider }) => provider === "cuda");
  const show = vscode.l10n.t("Show Report");
  const said = cuda?.usable === true
    ? vscode.window.showInformationMessage(vscode.l10n.t("CUDA is usable on {0}.", cuda.adapter?.name ?? "a GPU"))
    : vscode.window.showWarningMessage(vscode.l10n.t("CUDA is still refused: {0}.", cuda?.reason ?? ""), show);
  void said.then((chosen) => { if (chosen === show) void showReport(app, after); });
};

/** The folder that a script or another extension names as the command's argument; undefined where it gives none. */
const folderArgument = (value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null || !("useFolder" in value)) return undefined;
  if (typeof value.useFolder === "string") return value.useFolder;
  throw new LensError("GPU_FOLDER", "The argument useFolder is no text.", "Give the full path of a folder.");
};

/**
 * Looks at GPU, driver and libraries, and offers what can be done. Returns what was found last. With the argument "report" nothing is asked;
 * with { useFolder } that folder is taken into the setting first. @throws LensError UNTRUSTED, GPU_*
 */
export const setUpGpu: Command = async (app, first): Promise<DoctorReport> => {
  requireTrust();
  const folder = folderArgument(first);
  if (folder !== undefined) await use(app, [folder]);
  const found = await diagnose(app);
  if (first === "report" || folder !== undefined) return found.report;
  const choices = gpuChoices(found.report, await app.gpu.installed(), app.gpu.folders());
  const chosen = await vscode.window.showQuickPick(choices, { title: vscode.l10n.t("Set Up GPU"), placeHolder: vscode.l10n.t("What was found, and what can be done (a finding opens the report)"), matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true });
  if (chosen?.action === undefined || !(await act(app, chosen.action, found))) return found.report;
  const after = await diagnose(app);
  sayOutcome(app, after);
  return after.report;
};
