import * as vscode from "vscode";
import { type LensError } from "../core/errors.ts";
import { COMMANDS, CONTEXT_KEYS, SETTINGS_SECTION } from "./contributions.ts";
import { GpuSupport } from "./gpu/gpu-support.ts";
import { proxyEnvironment } from "./gpu/proxy-setting.ts";
import { ReportDocument } from "./gpu/report-document.ts";
import { LensPanels } from "./panels/lens-panels.ts";
import { PairMemory } from "./pick/pick-pair.ts";
import { renderInWorker } from "./render.ts";
import { levelOf, logRun } from "./run-log.ts";
import { Runs } from "./runs.ts";
import { cacheBytesFromSettings, capacityFromSettings, patienceFromSettings, type ReadSetting } from "./settings.ts";
import { Status } from "./status.ts";
import { ResultStore } from "./store/result-store.ts";

/** What the parts of the extension share. Making one opens no file and starts nothing. */
export class App implements vscode.Disposable {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly store: ResultStore;
  readonly runs: Runs;
  readonly gpu: GpuSupport;
  readonly gpuReport = new ReportDocument();
  readonly panels: LensPanels;
  readonly status: Status;
  readonly pairs: PairMemory;
  /** Full path of the folder that Gram matrices are kept in. */
  readonly cacheFolder: string;
  readonly setting: ReadSetting = (key) => vscode.workspace.getConfiguration(SETTINGS_SECTION).get<unknown>(key);

  constructor(context: vscode.ExtensionContext) {
    this.extensionUri = context.extensionUri;
    this.log = vscode.window.createOutputChannel("Jacobian Lens", { log: true });
    const worker = vscode.Uri.joinPath(context.extensionUri, "dist", "worker.cjs").fsPath;
    const log = (line: string): void => { this.log[levelOf(line)](line); };
    const storage = context.storageUri ?? context.globalStorageUri;
    this.cacheFolder = vscode.Uri.joinPath(storage, "grams").fsPath;
    this.store = new ResultStore({
      folder: vscode.Uri.joinPath(storage, "results").fsPath,
      capacity: () => capacityFromSettings(this.setting),
      log: (line) => { this.log.warn(line); },
      render: (id, folder) => renderInWorker(worker, id, folder, log),
    });
    this.gpu = new GpuSupport({
      extension: context.extensionUri.fsPath,
      storage: vscode.Uri.joinPath(context.globalStorageUri, "gpu").fsPath,
      setting: this.setting,
      proxy: () => proxyEnvironment((key) => vscode.workspace.getConfiguration().get<unknown>(key)),
      log: (line) => { this.log.info(line); },
    });
    this.runs = new Runs({ worker, environment: () => this.gpu.environment(), store: this.store, log, patience: () => patienceFromSettings(this.setting), cache: () => ({ folder: this.cacheFolder, bytes: cacheBytesFromSettings(this.setting) }) });
    this.runs.onEvent((event) => { logRun(this.log, event); });
    this.panels = new LensPanels(this);
    this.status = new Status(this.runs);
    this.pairs = new PairMemory(context.workspaceState);
    this.store.onDidChange(() => void vscode.commands.executeCommand("setContext", CONTEXT_KEYS.hasResults, this.store.list().length > 0));
  }

  /** Says an error to the user and writes all of it to the log. Does not wait for the user. */
  report(error: LensError): void {
    this.log.error(`${error.code}: ${error.message}\n${error.hint}`);
    if (error.stack !== undefined) this.log.debug(error.stack);
    const openLog = vscode.l10n.t("Open Log");
    void vscode.window.showErrorMessage(`${error.message} ${error.hint}`, openLog).then((chosen) => {
      if (chosen === openLog) void vscode.commands.executeCommand(COMMANDS.openLog);
    });
  }

  dispose(): void {
    this.panels.dispose();
    this.status.dispose();
    this.runs.dispose();
    this.gpuReport.dispose();
    this.log.dispose();
  }
}
