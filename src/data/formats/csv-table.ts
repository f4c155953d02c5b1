import { CsvError, parse } from "csv-parse";
import { Readable } from "node:stream";
import { LensError } from "../../core/errors.ts";
import type { ByteSource } from "../byte-source.ts";

/** The numbers of a CSV file. */
export interface CsvTable {
  /** Column names; "1", "2", … when the file has no header line. */
  readonly columns: readonly string[];
  readonly header: boolean;
  readonly rows: number;
  /** [rows, columns], row-major. */
  readonly values: Float64Array;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, "+inf": Infinity, "-inf": -Infinity, infinity: Infinity, "-infinity": -Infinity };

/** The number a cell holds, or undefined. NaN and infinities are numbers here; whether they are allowed is decided where they are used. */
const numberIn = (cell: string): number | undefined => (NUMBER.test(cell) ? Number(cell) : SPECIAL[cell.toLowerCase()]);

/** Numbers that grow by doubling. */
const growing = (): { push(value: number): void; done(): Float64Array } => {
  let held = new Float64Array(1024);
  let size = 0;
  return {
    push: (value) => {
      if (size === held.length) {
        const larger = new Float64Array(size * 2);
        larger.set(held);
        held = larger;
      }
      held[size++] = value;
    },
    done: () => held.subarray(0, size),
  };
};

async function* pieces(source: ByteSource): AsyncGenerator<Uint8Array> {
  const step = 1 << 20;
  for (let at = 0; at < source.size; at += step) yield await source.read(at, Math.min(step, source.size - at));
}

/** The delimiter that stands most often in the first line that is not a comment; the comma when there is none. */
const delimiterOf = (head: string): string => {
  const line = head.split(/\r?\n/).find((candidate) => candidate.trim() !== "" && !candidate.startsWith("#")) ?? "";
  const counts = [",", ";", "\t"].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
};

interface ParsedLine {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const syntaxError = (error: unknown, path: string): unknown =>
  error instanceof CsvError ? new LensError("CSV_SYNTAX", `${path}: ${error.message}`, "Check the quotes in that line.", { cause: error }) : error;

const widthError = (path: string, line: number, got: number, wanted: number): LensError =>
  new LensError("CSV_COLUMNS", `${path}, line ${line}: has ${got} columns where the first line has ${wanted}`, "Give every line the same number of columns.");

const cellError = (path: string, line: number, column: number, name: string, cell: string): LensError =>
  new LensError("CSV_CELL", `${path}, line ${line}, column ${column} (${name}): ${cell === "" ? "is empty" : `"${cell}" is not a number`}`, "Every cell below the header must be a number; write class labels as 0 … K−1 and leave no cell empty.");

/**
 * Reads a CSV file of numbers, with a header line or without. Delimiter comma, semicolon or tab (found out from the first line); lines that
 * begin with # are comments. The file is streamed; memory is that of the numbers.
 * @throws LensError CSV_CELL, CSV_COLUMNS, CSV_SYNTAX with line (and column), DATA_EMPTY.
 */
export const readCsvTable = async (source: ByteSource, path: string): Promise<CsvTable> => {
  const head = new TextDecoder().decode(await source.read(0, Math.min(65536, source.size)));
  const parser = parse({ delimiter: delimiterOf(head), bom: true, comment: "#", comment_no_infix: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true });
  const input = Readable.from(pieces(source)).on("error", (error) => { parser.destroy(error); });
  const lines: AsyncIterable<ParsedLine> = input.pipe(parser);
  const numbers = growing();
  let columns: readonly string[] | undefined;
  let header = false;
  let rows = 0;
  try {
    for await (const { record, info } of lines) {
      if (columns === undefined) {
        header = record.some((cell) => numberIn(cell) === undefined);
        columns = header ? record : record.map((_, i) => String(i + 1));
        if (header) continue;
      }
      if (record.length !== columns.length) throw widthError(path, info.lines, record.length, columns.length);
      for (let i = 0; i < record.length; i++) {
        const value = numberIn(record[i] ?? "");
        if (value === undefined) throw cellError(path, info.lines, i + 1, columns[i] ?? "", record[i] ?? "");
        numbers.push(value);
      }
      rows++;
    }
  } catch (error) {
    throw syntaxError(error, path);
  }
  if (rows === 0) throw new LensError("DATA_EMPTY", `${path}: has no line of numbers`, "Write one sample a line.");
  return { columns: columns ?? [], header, rows, values: numbers.done() };
};
