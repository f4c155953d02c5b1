import * as vscode from "vscode";
import { COMMANDS } from "./contributions.ts";
import type { RunEvent, Runs } from "./runs.ts";

/** How long a message stands in the status bar, in milliseconds. */
const SAID_FOR = 10_000;

/** The status bar's item: there while something runs, and after a failure until the next run or a click. Beside it, messages that need no answer. */
export class Status implements vscode.Disposable {
  private item: vscode.StatusBarItem | null = null;
  private failed = false;
  private said: vscode.Disposable | null = null;
  private readonly stop: () => void;

  constructor(private readonly runs: Runs) {
    this.stop = runs.onEvent((event) => { this.follow(event); });
  }

  /** The user has seen the failure. */
  seen(): void {
    this.failed = false;
    this.draw("");
  }

  /** Shows a message for a while, at most until the next run. */
  say(message: string): void {
    this.said?.dispose();
    this.said = vscode.window.setStatusBarMessage(message, SAID_FOR);
  }

  dispose(): void {
    this.stop();
    this.said?.dispose();
    this.item?.dispose();
  }

  private follow(event: RunEvent): void {
    if (event.kind === "started") {
      this.failed = false;
      this.said?.dispose();
    }
    if (event.kind === "failed") this.failed = true;
    this.draw(event.kind === "failed" ? event.view.error.message : event.kind === "progress" ? event.label : "");
  }

  private draw(tooltip: string): void {
    const running = this.runs.list();
    if (running.length === 0 && !this.failed) {
      this.item?.hide();
      return;
    }
    this.item ??= vscode.window.createStatusBarItem("jacobianLens.status", vscode.StatusBarAlignment.Left);
    this.item.name = "Jacobian Lens";
    const fraction = running.reduce((sum, { view }) => sum + view.fraction, 0) / Math.max(1, running.length);
    this.item.text = running.length > 0 ? `$(loading~spin) ${vscode.l10n.t("Jacobian {0} %", (fraction * 100).toFixed(0))}` : `$(error) ${vscode.l10n.t("Jacobian")}`;
    this.item.tooltip = tooltip;
    this.item.command = COMMANDS.openLog;
    this.item.show();
  }
}
