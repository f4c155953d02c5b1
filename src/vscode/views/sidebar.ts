import * as vscode from "vscode";
import { cancelled } from "../../core/errors.ts";
import { Channel } from "../../protocol/channel.ts";
import type { LensView } from "../../protocol/lens.ts";
import type { Sidebar, SidebarHost } from "../../protocol/sidebar.ts";
import type { App } from "../app.ts";
import { COMMANDS } from "../contributions.ts";
import { pageHtml, pagesFolder } from "../panels/page-html.ts";
import { webviewPort } from "../panels/webview-port.ts";
import type { RunEvent } from "../runs.ts";

/** The sidebar's chart of the last run: the one under way, the one that failed, or the newest stored result. */
export class SidebarView implements vscode.WebviewViewProvider, vscode.Disposable {
  private channel: Channel<SidebarHost, Sidebar> | null = null;
  private readonly stops: readonly (() => void)[];
  /** A run under way or failed; a stored result is read when it is shown. */
  private current: LensView | null = null;
  /** Counts refreshes, so that a slow answer never replaces a newer one. */
  private asked = 0;

  constructor(private readonly app: App) {
    this.stops = [app.runs.onEvent((event) => { this.follow(event); }), app.store.onDidChange(() => { this.refresh(); })];
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    view.webview.options = { enableScripts: true, localResourceRoots: [pagesFolder(this.app.extensionUri)] };
    const channel = new Channel<SidebarHost, Sidebar>(webviewPort(view.webview), {
      requests: {
        analyse: async () => {
          await vscode.commands.executeCommand(COMMANDS.analyze);
          return null;
        },
        openPanel: async ({ runId }) => {
          await vscode.commands.executeCommand(COMMANDS.showResult, runId);
          return null;
        },
      },
      events: { ready: () => { this.refresh(); } },
    });
    this.channel = channel;
    view.onDidDispose(() => {
      channel.close(cancelled());
      if (this.channel === channel) this.channel = null;
    });
    view.webview.html = pageHtml(view.webview, this.app.extensionUri, "sidebar", vscode.l10n.t("Last Result"));
  }

  dispose(): void {
    for (const stop of this.stops) stop();
    this.channel?.close(cancelled());
  }

  private follow(event: RunEvent): void {
    if (event.kind === "progress") {
      if (this.current?.state === "running" && this.current.runId === event.runId) {
        this.current = { ...this.current, fraction: event.fraction, label: event.label };
        this.channel?.emit("progress", { runId: event.runId, fraction: event.fraction, label: event.label });
      }
      return;
    }
    this.current = "view" in event ? event.view : null;
    this.refresh();
  }

  private refresh(): void {
    const asked = ++this.asked;
    this.latest().then((view) => {
      if (asked === this.asked) this.channel?.emit("view", view);
    }, (error: unknown) => { this.app.log.warn(String(error)); });
  }

  private async latest(): Promise<LensView | null> {
    if (!this.channel || this.current) return this.current;
    await this.app.store.load();
    const [newest] = this.app.store.list();
    return newest ? this.app.store.view(newest.id) : null;
  }
}
