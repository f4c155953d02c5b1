/** A number of a table in the four ways it is written. Null: not computed. */
export interface Table {
  /** Column headings; the first names the rows. `latex` where it differs from the text. */
  readonly columns: readonly { readonly text: string; readonly latex?: string }[];
  readonly rows: readonly { readonly name: string; readonly latex?: string; readonly cells: readonly (number | null)[] }[];
}

export type TableFormat = "tsv" | "markdown" | "latex";

/** Four decimals between 0.001 and 10 as papers print shares, three significant digits in exponent form outside. */
const printed = (value: number): string => {
  const size = Math.abs(value);
  if (value === 0) return "0";
  return size >= 0.001 && size < 10 ? value.toFixed(4) : size >= 10 && size < 1e5 ? String(Number(value.toPrecision(5))) : value.toExponential(2).replace("e+", "e");
};

const latexNumber = (value: number): string => {
  const [mantissa = "", exponent] = printed(value).split("e");
  return exponent === undefined ? `$${mantissa}$` : `$${mantissa} \\times 10^{${exponent}}$`;
};

const escapeLatex = (text: string): string => text.replace(/[&%#_$]/gu, "\\$&");

/** Tab-separated with full precision, for spreadsheets and scripts; what was not computed is empty. */
export const toTsv = ({ columns, rows }: Table): string => {
  const lines = rows.map((row) => [row.name, ...row.cells.map((cell) => (cell === null ? "" : String(cell)))]);
  return [columns.map((column) => column.text), ...lines].map((line) => `${line.join("\t")}\n`).join("");
};

/** A Markdown table, numbers rounded as in print. */
export const toMarkdown = (table: Table): string => {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = `|${table.columns.map((_, i) => (i === 0 ? "---" : "---:")).join("|")}|`;
  const rows = table.rows.map((row) => line([row.name, ...row.cells.map((cell) => (cell === null ? "" : printed(cell)))]));
  return [line(table.columns.map((column) => column.text)), rule, ...rows, ""].join("\n");
};

/** A LaTeX tabular with booktabs rules, numbers rounded as in print. */
export const toLatex = (table: Table): string => {
  const line = (cells: readonly string[]): string => `${cells.join(" & ")} \\\\`;
  return [
    `\\begin{tabular}{l${"r".repeat(table.columns.length - 1)}}`,
    "\\toprule",
    line(table.columns.map((column) => column.latex ?? escapeLatex(column.text))),
    "\\midrule",
    ...table.rows.map((row) => line([row.latex ?? escapeLatex(row.name), ...row.cells.map((cell) => (cell === null ? "--" : latexNumber(cell)))])),
    "\\bottomrule",
    "\\end{tabular}",
  ].join("\n") + "\n";
};

/** The table in one of the formats a researcher pastes. */
export const toFormat: Readonly<Record<TableFormat, (table: Table) => string>> = { tsv: toTsv, markdown: toMarkdown, latex: toLatex };
