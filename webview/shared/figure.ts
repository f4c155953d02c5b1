import { button } from "./controls.ts";
import { h } from "./dom.ts";
import { seriesKey, type SeriesLook } from "./series.ts";
import { dataTable, type DataTable } from "./table.ts";
import type { TestId } from "./test-ids.ts";

/** A drawing with its title, key and the numbers behind it. */
export interface Figure {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** The positioned box around the canvas, for what lies over the drawing. */
  readonly plot: HTMLElement;
  /** Says what the drawing shows, in words, for who cannot see it. */
  describe(finding: string): void;
}

interface FigureOptions {
  readonly title: string;
  readonly canvas: TestId;
  readonly key?: readonly SeriesLook[];
  readonly note?: Node | string;
  readonly data: DataTable;
  readonly copy: () => void;
}

/** A figure whose table opens on demand under the drawing; the table is made when first asked for. */
export const figure = (options: FigureOptions): Figure => {
  const canvas = h("canvas", { testid: options.canvas, role: "img" });
  const plot = h("div", { class: "plot" }, canvas);
  const rows = h("div", { class: "rows", attributes: { hidden: true } });
  const toggle = button({ label: "Show data", emphasis: "icon", pressed: () => {
    rows.hidden = !rows.hidden;
    if (!rows.hidden && rows.childElementCount === 0) rows.append(dataTable(options.data));
    toggle.element.textContent = rows.hidden ? "Show data" : "Hide data";
    toggle.element.setAttribute("aria-expanded", String(!rows.hidden));
  } });
  toggle.element.setAttribute("aria-expanded", "false");
  const copy = button({ label: "Copy data", emphasis: "icon", title: "all values at full precision, tab-separated", pressed: options.copy });
  const element = h("section", { class: "figure card" },
    h("header", {}, h("h2", {}, options.title), h("div", { class: "actions" }, toggle.element, copy.element)),
    options.key ? seriesKey(options.key) : null, plot, options.note ? h("p", { class: "note" }, options.note) : null, rows);
  return { element, canvas, plot, describe: (finding) => { canvas.setAttribute("aria-label", finding); } };
};
