import { h } from "./dom.ts";
import type { TestId } from "./test-ids.ts";

type Content = Node | string | null;

interface CellOptions {
  readonly class?: string;
  readonly title?: string;
  readonly testid?: TestId;
}

/** The heading of a column. */
export const columnHead = (content: Content, options: CellOptions = {}): HTMLElement => h("th", { ...options, attributes: { scope: "col" } }, content);

/** The heading of a row. */
export const rowHead = (options: CellOptions, ...content: readonly Content[]): HTMLElement => h("th", { ...options, attributes: { scope: "row" } }, ...content);

/** A cell of numbers; they align at the end of the column. */
export const cell = (content: Content, options: CellOptions = {}): HTMLElement => h("td", options, content);

/** A table of a head line and body lines. */
export const table = (testid: TestId | null, head: readonly HTMLElement[], lines: readonly HTMLElement[]): HTMLElement =>
  h("table", testid === null ? {} : { testid }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...lines));
