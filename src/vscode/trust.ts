import * as vscode from "vscode";
import { LensError } from "../core/errors.ts";

/** A model file is a program: it runs only where the user trusts it. @throws LensError UNTRUSTED */
export const requireTrust = (): void => {
  if (vscode.workspace.isTrusted) return;
  throw new LensError("UNTRUSTED", vscode.l10n.t("Models run only in a trusted workspace."), vscode.l10n.t("Trust this workspace (Workspaces: Manage Workspace Trust) and run the analysis again."));
};
