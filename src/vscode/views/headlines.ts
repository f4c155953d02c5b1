import * as vscode from "vscode";
import { baseName } from "../../protocol/view.ts";
import type { ResultSummary } from "../../protocol/worker.ts";
import { escapeMarkdown, formatAge, formatCount, formatNumber, formatShare } from "../format.ts";

/** The headline figures of a result as a Markdown table of two columns; every text from a file is escaped. */
export const headlines = (summary: ResultSummary, language: string): string => {
  const left = summary.fallback === 0 ? "" : vscode.l10n.t(", {0} nodes on the CPU", formatCount(summary.fallback, language));
  const share = (value: number | null): string => (value === null ? "–" : formatShare(value, language));
  const rows: readonly (readonly [string, string])[] = [
    [vscode.l10n.t("data"), `${escapeMarkdown(baseName(summary.data))}, ${vscode.l10n.t("{0} samples × {1} outputs", formatCount(summary.samples, language), formatCount(summary.outputs, language))}`],
    [vscode.l10n.t("analyzed"), vscode.l10n.t("{0}, in {1} s on {2}", formatAge(Date.parse(summary.created), Date.now(), language), formatNumber(summary.seconds, language), summary.provider) + left],
    [vscode.l10n.t("parameters"), formatCount(summary.parameters, language)],
    [vscode.l10n.t("method"), summary.method === "sketch" ? vscode.l10n.t("sketch, a preview") : summary.method],
    [vscode.l10n.t("largest singular value λ₁"), formatNumber(summary.largest, language)],
    [vscode.l10n.t("cut-off"), vscode.l10n.t("rank {0}, α = {1}", formatCount(summary.rank, language), formatNumber(summary.alpha, language)) + (summary.gap === null ? "" : vscode.l10n.t(", gap {0}", formatNumber(summary.gap, language)))],
    [vscode.l10n.t("labels in the information space"), share(summary.labelsInformation)],
    [vscode.l10n.t("residual in the information space"), share(summary.residualInformation)],
    ...(summary.accuracy === null ? [] : [[vscode.l10n.t("accuracy"), new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(summary.accuracy)] as const]),
    [vscode.l10n.t("checks"), vscode.l10n.t("{0} of {1} passed", summary.checksPassed, summary.checksMade)],
  ];
  return ["| | |", "|:--|:--|", ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join("\n");
};
