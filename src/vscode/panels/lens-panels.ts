import * as vscode from "vscode";
import type { LensView } from "../../protocol/lens.ts";
import type { App } from "../app.ts";
import { LENS_PANEL } from "../contributions.ts";
import type { RunEvent } from "../runs.ts";
import { LensPanel } from "./lens-panel.ts";

const runIdOf = (state: unknown): string => (typeof state === "object" && state !== null && "runId" in state && typeof state.runId === "string" ? state.runId : "");

/** All open lens panels; at most one per run. */
export class LensPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly panels = new Set<LensPanel>();
  private readonly stop: () => void;

  constructor(private readonly app: App) {
    this.stop = app.runs.onEvent((event) => {
      this.follow(event).catch((error: unknown) => { app.log.warn(String(error)); });
    });
  }

  /** Shows a run, whatever has become of it, in the panel it already has or a new one. @throws LensError RESULT_UNKNOWN, RESULT_READ */
  async open(runId: string): Promise<void> {
    const existing = this.of(runId);
    if (existing) {
      existing.reveal();
      return;
    }
    const view = this.app.runs.view(runId) ?? await this.app.store.view(runId);
    this.adopt(vscode.window.createWebviewPanel(LENS_PANEL, view.model.name, vscode.ViewColumn.Active), view);
  }

  /** After a reload of the window; a panel whose result is gone is closed. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    try {
      this.adopt(panel, await this.app.store.view(runIdOf(state)));
    } catch (error) {
      this.app.log.warn(String(error));
      panel.dispose();
    }
  }

  dispose(): void {
    this.stop();
    for (const panel of [...this.panels]) panel.dispose();
  }

  private of(runId: string): LensPanel | undefined {
    return [...this.panels].find((panel) => panel.runId === runId);
  }

  private adopt(webviewPanel: vscode.WebviewPanel, view: LensView): void {
    const panel = new LensPanel(this.app, webviewPanel, view);
    this.panels.add(panel);
    webviewPanel.onDidDispose(() => {
      this.panels.delete(panel);
      panel.dispose();
    });
  }

  /** Only panels that show the run themselves hear of it. */
  private async follow(event: RunEvent): Promise<void> {
    const panel = this.of("view" in event ? event.view.runId : event.runId);
    if (!panel) return;
    if (event.kind === "progress") panel.progress(event.fraction, event.label);
    if (event.kind === "failed") panel.show(event.view);
    if (event.kind === "cancelled") panel.goBack();
    if (event.kind === "done") panel.show(await this.app.store.view(event.runId));
  }
}
