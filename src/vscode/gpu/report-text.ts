import type { DoctorReport } from "../../analysis/doctor.ts";
import { type InstallManifest, isVerified } from "../../gpu-setup/manifest.ts";
import type { Step } from "../../gpu-setup/report.ts";
import type { Installed } from "./gpu-support.ts";

/** Characters in a line of the report: an editor beside the sidebar has room for them. */
const WIDTH = 100;

/** The last column of a table's line begins where its last gap of several blanks ends; beyond this such a gap is no column's. */
const COLUMNS_END = 50;

const columnOf = (line: string): number => {
  const [gap] = [...line.matchAll(/ {2,}/g)].filter(({ index }) => index < COLUMNS_END).slice(-1);
  return gap === undefined ? 0 : gap.index + gap[0].length;
};

/** A line of a table as several, of at most `width` characters where its words allow it; what goes on stands under the last column. */
export const wrapped = (line: string, width = WIDTH): readonly string[] => {
  const column = columnOf(line);
  const indent = " ".repeat(column);
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const within = rest.lastIndexOf(" ", width);
    const end = within > column ? within : rest.indexOf(" ", Math.max(width, column));
    if (end < 0) break;
    lines.push(rest.slice(0, end));
    rest = indent + rest.slice(end + 1);
  }
  return [...lines, rest];
};

const stepLines = ({ subject, met, found, advice }: Step): readonly string[] =>
  [`${subject.padEnd(18)}${met ? "" : "not met: "}${found}`, ...(advice === null ? [] : [`${" ".repeat(18)}to do: ${advice}`])];

/** A manifest is a file like any other: what it lacks is not shown. */
const packageOf = ({ package: from }: Partial<InstallManifest>): string => `${from?.name ?? "?"} ${from?.version ?? "?"}`;

const installedLines = ({ folder, manifest }: Installed): readonly string[] => {
  const compared = isVerified(manifest) ? "its SHA-512 is the one that the feed publishes" : "compared with no published hash: the feed had none";
  return [`${"package".padEnd(18)}${packageOf(manifest)}; ${compared}`, `${"folder".padEnd(18)}${folder}`];
};

/** What the doctor printed, in short lines, and after it each thing that CUDA needs with what to do, and what was installed from here: the list shows them only in part. */
export const reportText = (text: string, { gpu }: Pick<DoctorReport, "gpu">, installed: readonly Installed[] = []): string => {
  const steps = gpu?.steps.cuda ?? [];
  const needs = steps.length === 0 ? [] : ["what cuda needs", ...steps.flatMap(stepLines), ""];
  const own = installed.length === 0 ? [] : ["installed from here", ...installed.flatMap(installedLines), ""];
  return [...text.replace(/\n+$/, "").split("\n"), "", ...needs, ...own].flatMap((line) => wrapped(line)).join("\n");
};
