import * as vscode from "vscode";

const SCHEME = "jacobian-lens-report";

/** The report on GPU and providers as a document that cannot be changed, so that closing its editor asks nothing. Making one opens nothing. */
export class ReportDocument implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private text = "";
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(): string {
    return this.text === "" ? vscode.l10n.t("Run “Jacobian Lens: Set Up GPU” for this report.") : this.text;
  }

  /** Shows a text in the report's editor, of which there is one. */
  async show(text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${vscode.l10n.t("GPU Report")}` });
    this.text = text;
    this.changed.fire(uri);
    await vscode.window.showTextDocument(uri, { preview: true });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
