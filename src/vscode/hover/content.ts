import * as vscode from "vscode";
import { baseName } from "../../protocol/view.ts";
import { COMMANDS } from "../contributions.ts";
import { escapeMarkdown, formatAge, formatCount, formatNumber, formatShare, formatSize } from "../format.ts";
import type { StoredResult } from "../store/stored-files.ts";
import type { ModelFile } from "./model-files.ts";

/** Results shown of a model that has many. */
const SHOWN = 3;

const link = (label: string, command: string, ...args: readonly unknown[]): string => `[${label}](command:${command}?${encodeURIComponent(JSON.stringify(args))})`;

const table = (results: readonly StoredResult[], language: string): string => {
  const { l10n } = vscode;
  const share = (value: number | null): string => (value === null ? "–" : formatShare(value, language));
  const rows = results.map(({ id, summary }) => [
    escapeMarkdown(baseName(summary.data)),
    formatNumber(summary.largest, language),
    String(summary.rank),
    share(summary.labelsInformation),
    share(summary.residualInformation),
    link(l10n.t("Open result"), COMMANDS.showResult, id),
  ]);
  const heads = [l10n.t("data"), "λ₁", l10n.t("rank"), l10n.t("labels"), l10n.t("residual"), ""];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(heads), "|:--|--:|--:|--:|--:|:--|", ...rows.map(line)].join("\n");
};

/** What must be known of a result before its figures are believed: a preview, nodes that ran elsewhere than asked. */
const cautions = ({ summary }: StoredResult, language: string): string[] => {
  const { l10n } = vscode;
  return [
    ...(summary.method === "sketch" ? [`$(warning) ${l10n.t("Preview from a random sketch: right for the top of the spectrum, wrong for its tail.")}`] : []),
    ...(summary.fallback > 0 ? [`$(warning) ${l10n.t("{0} nodes ran on the CPU, not on {1}.", formatCount(summary.fallback, language), summary.provider)}`] : []),
  ];
};

/** What a hover says of a model file: what the disk and stored results know of it. Only this extension's own commands can be clicked. */
export const hoverContent = (file: ModelFile, results: readonly StoredResult[], now: number): vscode.MarkdownString => {
  const { l10n } = vscode;
  const { language } = vscode.env;
  const [newest] = results;
  const facts = [l10n.t("ONNX model"), formatSize(file.size, language), l10n.t("modified {0}", formatAge(file.modified, now, language))];
  if (newest) facts.push(escapeMarkdown(newest.summary.producer), `opset ${newest.summary.opset}`);
  const parts = [`**${escapeMarkdown(baseName(file.path))}** — ${facts.filter((fact) => fact !== "").join(" · ")}`, escapeMarkdown(vscode.workspace.asRelativePath(file.path))];
  if (newest) {
    parts.push(table(results.slice(0, SHOWN), language), l10n.t("Shares of the norm in the information space (the first *rank* directions)."));
    parts.push(...cautions(newest, language));
    if (file.modified > Date.parse(newest.summary.created)) parts.push(`$(warning) ${l10n.t("The file has changed since it was analyzed.")}`);
  }
  parts.push(vscode.workspace.isTrusted ? link(l10n.t("Analyze Jacobian"), COMMANDS.analyze, file.path) : l10n.t("Trust this workspace to analyze it."));
  const content = new vscode.MarkdownString(parts.join("\n\n"), true);
  content.isTrusted = { enabledCommands: [COMMANDS.analyze, COMMANDS.showResult] };
  return content;
};
