import { LensError } from "../../core/errors.ts";
import { float64 } from "../../core/tensor.ts";
import { rowsOf } from "../batches.ts";
import type { ArraySource } from "../dataset.ts";
import { readCsvTable, type CsvTable } from "./csv-table.ts";
import type { ArrayNames, Format } from "./format.ts";

const LABEL_NAMES = ["y", "label", "labels", "target", "targets", "class"];

/** Names of several target columns that stand for one array: y0, y1 … or target_0, target[1] … */
const NUMBERED_TARGETS = /^(?:y|target)s?[_.[]?\d+\]?$/i;

const inColumn = (table: CsvTable): string => (table.header ? `columns: ${table.columns.join(", ")}` : `no header line; ${table.columns.length} columns, numbered from 1`);

/** Columns called `name`, else those that begin with it. */
const named = (table: CsvTable, name: string, path: string, option: string): number[] => {
  const exact = table.columns.flatMap((column, i) => (column === name ? [i] : []));
  const found = exact.length > 0 ? exact : table.header ? table.columns.flatMap((column, i) => (column.startsWith(name) ? [i] : [])) : [];
  if (found.length === 0) throw new LensError("DATA_ARRAY_NAME", `${path}: no column is called "${name}" or begins with it (${inColumn(table)})`, `Choose one of its columns with ${option}.`);
  return found;
};

const defaultLabels = (table: CsvTable, path: string): number[] => {
  const single = table.columns.flatMap((column, i) => (LABEL_NAMES.includes(column.toLowerCase()) ? [i] : []));
  if (single.length > 1) {
    const names = single.map((i) => table.columns[i] ?? "");
    throw new LensError("DATA_ARRAYS", `${path}: ${names.join(" and ")} could all be the labels`, `Choose one with --y, e.g. --y ${names[0] ?? ""}.`);
  }
  return single.length === 1 ? single : table.columns.flatMap((column, i) => (NUMBERED_TARGETS.test(column) ? [i] : []));
};

const arrayOf = (name: string, table: CsvTable, picked: readonly number[], shape: readonly number[]): ArraySource => {
  const width = table.columns.length;
  const data = new Float64Array(table.rows * picked.length);
  for (let row = 0; row < table.rows; row++) {
    for (let i = 0; i < picked.length; i++) data[row * picked.length + i] = table.values[row * width + (picked[i] ?? 0)] ?? 0;
  }
  const whole = float64(shape, data);
  return { name, shape, dtype: "float64", read: (from, to) => Promise.resolve(rowsOf(whole, from, to)) };
};

/**
 * CSV of numbers, one sample a line. Two arrays: the labels "y" (the column y, label, target or class, or the one given; several numbered
 * columns y0, y1 … are targets [n, m]) and the inputs "x" [n, d]: all other columns in order, or those whose name begins with the given one.
 * The arrays carry the given names. Errors: CSV_CELL, CSV_COLUMNS, CSV_SYNTAX, DATA_ARRAYS, DATA_ARRAY_NAME, DATA_EMPTY.
 */
export const csv: Format = {
  id: "csv",
  extensions: [".csv", ".tsv"],
  matches: () => false,
  open: async (source, path, names: ArrayNames) => {
    const table = await readCsvTable(source, path);
    const y = names.y === undefined ? defaultLabels(table, path) : named(table, names.y, path, "--y");
    const chosen = names.x === undefined ? table.columns.map((_, i) => i) : named(table, names.x, path, "--x");
    const x = chosen.filter((i) => !y.includes(i));
    if (x.length === 0) throw new LensError("DATA_ARRAYS", `${path}: no column is left for the inputs (${inColumn(table)})`, "Name other columns with --x or --y.");
    const inputs = arrayOf(names.x ?? "x", table, x, [table.rows, x.length]);
    if (y.length === 0) return { arrays: [inputs], skipped: [] };
    return { arrays: [inputs, arrayOf(names.y ?? "y", table, y, y.length === 1 ? [table.rows] : [table.rows, y.length])], skipped: [] };
  },
};
