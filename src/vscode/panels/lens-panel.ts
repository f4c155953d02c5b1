import * as vscode from "vscode";
import { cancelled, LensError } from "../../core/errors.ts";
import { Channel } from "../../protocol/channel.ts";
import type { LensHost, LensPanel as LensPage, LensView } from "../../protocol/lens.ts";
import type { App } from "../app.ts";
import { analyzePair } from "../analyze-pair.ts";
import { COMMANDS } from "../contributions.ts";
import { exportResult } from "../export-result.ts";
import { pageHtml, pagesFolder } from "./page-html.ts";
import { webviewPort } from "./webview-port.ts";

const asText = (value: unknown): string => {
  if (typeof value === "string") return value;
  throw new LensError("PROTOCOL_PARAMETERS", "A page sent something else than text.", "Reload the window.");
};

const asRank = (value: unknown): number => {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw new LensError("PROTOCOL_PARAMETERS", "A page sent a rank that is no whole number.", "Reload the window.");
};

const open = async (file: string): Promise<null> => {
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(file));
  return null;
};

/** The host's side of one lens panel: what it shows, and the answers to its page. Lives as long as its tab. */
export class LensPanel implements vscode.Disposable {
  private readonly channel: Channel<LensHost, LensPage>;
  /** What was shown before a run was started from here. */
  private before: LensView | null = null;

  constructor(
    private readonly app: App,
    private readonly panel: vscode.WebviewPanel,
    private view: LensView,
  ) {
    panel.webview.options = { enableScripts: true, localResourceRoots: [pagesFolder(app.extensionUri)] };
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(app.extensionUri, "media", `tab-${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    this.channel = new Channel(webviewPort(panel.webview), {
      requests: {
        setCutoff: async ({ runId, rank }) => {
          await app.store.setCutoff(asText(runId), asRank(rank));
          return null;
        },
        openModel: () => open(this.view.model.path),
        openData: () => open(this.view.data.path),
        openResultJson: ({ runId }) => open(app.store.fileOf(asText(runId))),
        exportJson: async ({ runId }) => ({ saved: await exportResult(app, asText(runId)) }),
        copyTable: async ({ text }) => {
          await vscode.env.clipboard.writeText(asText(text));
          return null;
        },
        analyseAgain: () => this.analyseAgain(),
        cancel: ({ runId }) => {
          app.runs.cancel(asText(runId));
          return Promise.resolve(null);
        },
        openLog: async () => {
          await vscode.commands.executeCommand(COMMANDS.openLog);
          return null;
        },
      },
      events: { ready: () => void this.refresh() },
    });
    this.title();
    panel.webview.html = pageHtml(panel.webview, app.extensionUri, "lens", panel.title);
  }

  get runId(): string {
    return this.view.runId;
  }

  reveal(): void {
    this.panel.reveal();
  }

  /** Replaces what the panel shows. */
  show(view: LensView): void {
    this.view = view;
    this.title();
    this.channel.emit("view", view);
  }

  progress(fraction: number, label: string): void {
    if (this.view.state !== "running") return;
    this.view = { ...this.view, fraction, label };
    this.channel.emit("progress", { runId: this.runId, fraction, label });
  }

  /** The run it shows was stopped: back to what was shown before, or closed. */
  goBack(): void {
    if (this.before) this.show(this.before);
    else this.dispose();
    this.before = null;
  }

  dispose(): void {
    this.channel.close(cancelled());
    this.panel.dispose();
  }

  private title(): void {
    this.panel.title = `${this.view.model.name} · ${vscode.l10n.t("Jacobian")}`;
  }

  /** A page made anew, after being hidden, gets the cut-off that was chosen meanwhile. */
  private async refresh(): Promise<void> {
    const current = this.view;
    const view = current.state === "done" && this.app.store.get(current.runId) ? await this.app.store.view(current.runId).catch(() => current) : current;
    if (this.view === current) this.show(view);
  }

  /** The panel shows the new run. */
  private async analyseAgain(): Promise<null> {
    const shown = this.view;
    await analyzePair(this.app, { model: shown.model.path, data: shown.data.path }, (view) => {
      this.before = shown;
      this.show(view);
    });
    return null;
  }
}
