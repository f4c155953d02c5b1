import { formula, h } from "./dom.ts";
import type { TestId } from "./test-ids.ts";

/** Pixels of a row; the style sheet gives rows this height. */
const ROW_HEIGHT = 22;
/** Rows made beyond both edges of what is seen, so that scrolling shows no empty stripe. */
const MARGIN = 12;

/** The rows behind a drawing. `cell` gives the text of row i, column j; it is asked only for rows near the visible ones. */
export interface DataTable {
  readonly caption: string;
  /** Headings; "_x" stands for a subscript. */
  readonly columns: readonly string[];
  readonly rows: number;
  readonly cell: (row: number, column: number) => string;
  readonly testid?: TestId;
}

/** Rows [from, to) to be in the document when `height` pixels are seen from `top` on. */
export const visibleRows = (top: number, height: number, rows: number): { readonly from: number; readonly to: number } => {
  const from = Math.max(0, Math.floor(top / ROW_HEIGHT) - MARGIN);
  return { from: Math.min(from, rows), to: Math.min(rows, Math.ceil((top + height) / ROW_HEIGHT) + MARGIN) };
};

const spacer = (rows: number, columns: number): HTMLTableRowElement => {
  const row = h("tr", { class: "spacer", attributes: { "aria-hidden": "true" } }, h("td", { attributes: { colspan: columns } }));
  row.style.height = `${String(rows * ROW_HEIGHT)}px`;
  return row;
};

/** A table of any length in a scrolling box; only what is seen is in the document, with its true row numbers for assistive technology. */
export const dataTable = ({ caption, columns, rows, cell, testid }: DataTable): HTMLElement => {
  const body = h("tbody");
  const table = h("table", { attributes: { "aria-rowcount": rows + 1 } },
    h("caption", { class: "visually-hidden" }, caption),
    h("thead", {}, h("tr", { attributes: { "aria-rowindex": 1 } }, ...columns.map((column) => h("th", { attributes: { scope: "col" } }, formula(column))))), body);
  const box = h("div", { class: "data-table", role: "region", attributes: { tabindex: 0, "aria-label": caption, "data-testid": testid ?? null } }, table);
  let shown = "";
  const show = (): void => {
    const { from, to } = visibleRows(box.scrollTop, box.clientHeight || 260, rows);
    if (shown === `${String(from)}-${String(to)}`) return;
    shown = `${String(from)}-${String(to)}`;
    const line = (row: number): HTMLElement => h("tr", { attributes: { "aria-rowindex": row + 2 } }, ...columns.map((_, column) => h("td", {}, cell(row, column))));
    body.replaceChildren(spacer(from, columns.length), ...Array.from({ length: to - from }, (_, i) => line(from + i)), spacer(rows - to, columns.length));
  };
  box.addEventListener("scroll", show, { passive: true });
  show();
  return box;
};
