import * as vscode from "vscode";
import { baseName } from "../../protocol/view.ts";
import type { App } from "../app.ts";
import { COMMANDS } from "../contributions.ts";
import { formatAge, formatShare } from "../format.ts";
import type { StoredResult } from "../store/stored-files.ts";
import { headlines } from "./headlines.ts";

interface ModelNode {
  readonly kind: "model";
  readonly model: string;
}

/** `runId` is what commands look for in their argument. */
interface ResultNode {
  readonly kind: "result";
  readonly runId: string;
  readonly stored: StoredResult;
}

export type ResultsNode = ModelNode | ResultNode;

const modelItem = ({ model }: ModelNode): vscode.TreeItem => {
  const item = new vscode.TreeItem(baseName(model), vscode.TreeItemCollapsibleState.Expanded);
  const shown = vscode.workspace.asRelativePath(model);
  item.description = shown === baseName(model) ? "" : shown.slice(0, -baseName(model).length - 1);
  item.tooltip = model;
  item.iconPath = new vscode.ThemeIcon("circuit-board");
  item.contextValue = "model";
  return item;
};

const resultItem = ({ runId, stored: { summary } }: ResultNode): vscode.TreeItem => {
  const language = vscode.env.language;
  const item = new vscode.TreeItem(baseName(summary.data), vscode.TreeItemCollapsibleState.None);
  const labels = summary.labelsInformation === null ? [] : [vscode.l10n.t("labels {0}", formatShare(summary.labelsInformation, language))];
  item.description = [vscode.l10n.t("rank {0}", summary.rank), ...labels, formatAge(Date.parse(summary.created), Date.now(), language)].join(" · ");
  item.tooltip = new vscode.MarkdownString(headlines(summary, language));
  item.iconPath = new vscode.ThemeIcon("graph-line");
  item.contextValue = "result";
  item.command = { command: COMMANDS.showResult, title: vscode.l10n.t("Show Result"), arguments: [runId] };
  return item;
};

/** Past results, grouped by model; models and results newest first. */
export class ResultsTree implements vscode.TreeDataProvider<ResultsNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly stop: () => void;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly app: App) {
    this.stop = app.store.onDidChange(() => { this.changed.fire(undefined); });
  }

  async getChildren(node?: ResultsNode): Promise<ResultsNode[]> {
    await this.app.store.load();
    if (!node) return [...new Set(this.app.store.list().map(({ summary }) => summary.model))].map((model) => ({ kind: "model", model }));
    if (node.kind === "result") return [];
    return this.app.store.ofModel(node.model).map((stored) => ({ kind: "result", runId: stored.id, stored }));
  }

  getTreeItem(node: ResultsNode): vscode.TreeItem {
    return node.kind === "model" ? modelItem(node) : resultItem(node);
  }

  dispose(): void {
    this.stop();
    this.changed.dispose();
  }
}
