import * as vscode from "vscode";
import type { DoctorReport } from "../../analysis/doctor.ts";
import { isVerified } from "../../gpu-setup/manifest.ts";
import { foldersToAdd, obstacle, type Step } from "../../gpu-setup/report.ts";
import type { Installed } from "./gpu-support.ts";
import { shortened } from "./short-text.ts";

/** What the user can have done about the findings. */
export type GpuAction =
  | { readonly kind: "install" }
  | { readonly kind: "useFolders"; readonly folders: readonly string[] }
  | { readonly kind: "chooseFolder" }
  | { readonly kind: "remove"; readonly installed: Installed }
  | { readonly kind: "openSetting" }
  | { readonly kind: "showReport" };

export interface GpuChoice extends vscode.QuickPickItem {
  readonly action?: GpuAction;
}

const separator = (label: string): GpuChoice => ({ label, kind: vscode.QuickPickItemKind.Separator });

/** Characters that a row has room for beside its icon: label and description together, and the line below them. */
const ROOM = { first: 78, second: 88 } as const;

/** Findings open the whole report. */
const finding = (met: boolean, label: string, description: string, detail: string | null): GpuChoice => ({
  label: `$(${met ? "check" : "warning"}) ${label}`,
  description,
  ...(detail === null ? {} : { detail: shortened(detail, ROOM.second) }),
  action: { kind: "showReport" },
});

/** What was found, in the room that the label leaves. */
const beside = (label: string, text: string): string => shortened(text, ROOM.first - label.length);

const providerChoice = ({ provider, usable, adapter, reason, remedy }: DoctorReport["providers"][number]): GpuChoice => {
  if (!usable) return finding(false, provider, vscode.l10n.t("refused: {0}", beside(`${provider} refused: `, reason ?? "")), remedy);
  if (adapter === null) return finding(true, provider, vscode.l10n.t("usable"), null);
  const on = adapter.software ? vscode.l10n.t("usable on {0}: software on the CPU, not a GPU", adapter.name) : vscode.l10n.t("usable on {0}", adapter.name);
  return finding(true, provider, on, null);
};

/** A step's advice to run this very command is of no use in its list. */
const stepChoice = ({ subject, met, found, advice }: Step): GpuChoice =>
  finding(met, subject, beside(subject, found), advice?.includes("Set Up GPU") === true ? vscode.l10n.t("An entry above puts it right.") : advice);

/** Files that nothing was compared with are shown as that. */
const removal = (installed: Installed): GpuChoice => ({
  label: vscode.l10n.t("$(trash) Remove what was installed…"),
  ...(isVerified(installed.manifest) ? {} : { description: vscode.l10n.t("compared with no published hash") }),
  detail: installed.folder,
  action: { kind: "remove", installed },
});

/** What no library helps against. */
const FIRST_OF_ALL: readonly (Step["subject"] | undefined)[] = ["platform", "GPU", "driver"];

/** What can be done, given what was found; the most likely first: without a GPU and its driver, to read about it. */
const actions = ({ gpu }: DoctorReport, installed: readonly Installed[], folders: readonly string[]): GpuChoice[] => {
  const cuda = gpu?.cuda ?? null;
  const choices: GpuChoice[] = [];
  if (cuda !== null && gpu !== null) {
    const lacking = cuda.providers.some(({ path }) => path === null);
    const found = foldersToAdd(cuda);
    if (found.length > 0) choices.push({ label: vscode.l10n.t("$(add) Use the CUDA libraries that were found"), detail: found.join(", "), action: { kind: "useFolders", folders: found } });
    for (const { path } of cuda.elsewhere.filter(({ version }) => lacking && (version === null || version === gpu.onnxruntime))) {
      choices.push({ label: vscode.l10n.t("$(add) Use the CUDA provider that was found"), detail: path, action: { kind: "useFolders", folders: [path] } });
    }
    if (lacking) choices.push({ label: vscode.l10n.t("$(cloud-download) Install the CUDA provider…"), detail: `${cuda.offered.name} ${cuda.offered.version}`, action: { kind: "install" } });
    choices.push({ label: vscode.l10n.t("$(folder-opened) Use a folder with libraries…"), action: { kind: "chooseFolder" } });
  }
  choices.push(...installed.map(removal));
  if (folders.length > 0) choices.push({ label: vscode.l10n.t("$(gear) Folders in use"), detail: folders.join(", "), action: { kind: "openSetting" } });
  const report: GpuChoice = { label: vscode.l10n.t("$(output) Show the whole report"), action: { kind: "showReport" } };
  return FIRST_OF_ALL.includes(gpu === null ? undefined : obstacle(gpu.steps.cuda)?.subject) ? [report, ...choices] : [...choices, report];
};

/** The list that the command shows: what works, what CUDA needs, what can be done. */
export const gpuChoices = (report: DoctorReport, installed: readonly Installed[], folders: readonly string[]): readonly GpuChoice[] => [
  separator(vscode.l10n.t("What to do")),
  ...actions(report, installed, folders),
  separator(vscode.l10n.t("Providers of ONNX Runtime")),
  ...report.providers.map(providerChoice),
  ...(report.gpu === null ? [] : [separator(vscode.l10n.t("What CUDA needs")), ...report.gpu.steps.cuda.map(stepChoice)]),
];
