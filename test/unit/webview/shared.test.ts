import { describe, expect, it } from "vitest";
import { energyRows, energyTable } from "../../../webview/lens/model/energy.ts";
import { visibleRows } from "../../../webview/shared/table.ts";
import { toLatex, toMarkdown, toTsv, type Table } from "../../../webview/shared/tabular.ts";
import { TEST_IDS } from "../../../webview/shared/test-ids.ts";
import { COLOURS, themeFrom } from "../../../webview/shared/theme.ts";
import { exampleView } from "./example-view.ts";

const table: Table = {
  columns: [{ text: "z" }, { text: "a|b", latex: "$a$" }, { text: "c_d" }],
  rows: [{ name: "100 %", cells: [0.123456789012, 5.4432e-3] }, { name: "r", latex: "$r$", cells: [1.2345e-7, null] }, { name: "big", cells: [46.358691, 2.5e12] }],
};

describe("a table to paste", () => {
  it("is tab-separated with full precision, empty where nothing was computed", () => {
    expect(toTsv(table)).toBe("z\ta|b\tc_d\n100 %\t0.123456789012\t0.0054432\nr\t1.2345e-7\t\nbig\t46.358691\t2500000000000\n");
  });

  it("is Markdown with rounded numbers", () => {
    expect(toMarkdown(table)).toBe("| z | a\\|b | c_d |\n|---|---:|---:|\n| 100 % | 0.1235 | 0.0054 |\n| r | 1.23e-7 |  |\n| big | 46.359 | 2.50e12 |\n");
  });

  it("is a LaTeX tabular, escaped, with powers of ten", () => {
    expect(toLatex(table)).toBe([
      "\\begin{tabular}{lrr}", "\\toprule", "z & $a$ & c\\_d \\\\", "\\midrule", "100 \\% & $0.1235$ & $0.0054$ \\\\", "$r$ & $1.23 \\times 10^{-7}$ & -- \\\\",
      "big & $46.359$ & $2.50 \\times 10^{12}$ \\\\", "\\bottomrule", "\\end{tabular}", ""].join("\n"));
  });

  it("holds the shares of THEORY section 2 in its columns' order", () => {
    const { columns, rows } = energyTable(energyRows(exampleView(), 4));
    expect(columns.map((column) => column.text)).toEqual(["z", "‖Π_I z‖/‖z‖", "‖Π_N z‖/‖z‖", "‖J_I†z‖/‖z‖"]);
    expect(rows.map((row) => row.cells.slice(0, 2))).toEqual([[1, 0], [1, 0], [1, 0]]);
  });
});

describe("a long table", () => {
  it("puts only rows near the visible ones into the document", () => {
    expect(visibleRows(0, 264, 10_000)).toEqual({ from: 0, to: 24 });
    expect(visibleRows(110_000, 264, 10_000)).toEqual({ from: 4988, to: 5024 });
    expect(visibleRows(220_000, 264, 10_000)).toEqual({ from: 9988, to: 10_000 });
  });

  it("has no rows beyond its end", () => {
    expect(visibleRows(0, 264, 3)).toEqual({ from: 0, to: 3 });
    expect(visibleRows(1e6, 264, 3)).toEqual({ from: 3, to: 3 });
  });
});

describe("a theme", () => {
  it("takes every colour from the page's variables", () => {
    const theme = themeFrom((name) => (name.startsWith("--lens-") ? ` <${name}> ` : name === "--vscode-font-size" ? "15px" : ""), "vscode-light");
    for (const name of COLOURS) expect(theme.colour[name]).toBe(`<--lens-${name}>`);
    expect(theme.font.size).toBe(15);
  });

  it.each([["vscode-high-contrast", true], ["vscode-high-contrast-light", true], ["vscode-dark", false], ["vscode-light", false], [undefined, false]])("%s is high contrast: %s", (kind, high) => {
    expect(themeFrom(() => "", kind).highContrast).toBe(high);
  });

  it("that says nothing is still visible", () => {
    expect(themeFrom(() => "", undefined)).toMatchObject({ colour: { foreground: "CanvasText" }, font: { family: "sans-serif", size: 13 } });
  });
});

it("test ids are unique", () => {
  expect(new Set(TEST_IDS).size).toBe(TEST_IDS.length);
});
