import type { AnalysisResult } from "../../analysis/result.ts";

type Cell = string | number | boolean | null | undefined;

const quoted = (cell: Cell): string => {
  const text = cell === null || cell === undefined ? "" : String(cell);
  return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
};

const lines = (header: readonly string[], rows: readonly (readonly Cell[])[]): string => [header, ...rows].map((row) => row.map(quoted).join(",")).join("\n") + "\n";

/** Columns of equal length under their names; those that were not computed are left out. */
const table = (index: string, length: number, columns: Readonly<Record<string, readonly Cell[] | null | undefined>>, first = 0): string => {
  const present = Object.entries(columns).flatMap(([name, values]) => (values ? [{ name, values }] : []));
  return lines([index, ...present.map(({ name }) => name)], Array.from({ length }, (_, i) => [i + first, ...present.map(({ values }) => values[i])]));
};

/**
 * A result as CSV files by name, numbers in full precision. energies.csv: squared shares C(r) in the first r directions; samples.csv: one
 * line per sample, counted from 0.
 */
export const csvFiles = (result: AnalysisResult): Readonly<Record<string, string>> => {
  const { singularValues, floor, energy, samples, layers } = result;
  const length = singularValues.length;
  const files: Record<string, string> = {
    "singular-values.csv": table("s", length, { value: singularValues, above_floor: singularValues.map((value) => value > floor) }, 1),
    "energies.csv": table("r", length, {
      labels: energy.labels?.cumulative,
      residual: energy.residual?.cumulative,
      random_mean: energy.randomLabels?.mean,
      random_low: energy.randomLabels?.low,
      random_high: energy.randomLabels?.high,
    }, 1),
  };
  if (samples.nuisance ?? samples.leverage) files["samples.csv"] = table("sample", result.data.samples, samples);
  if (layers) files["layers.csv"] = lines(["layer", "frobenius", "share", "parameters"], layers.map(({ name, frobenius, share, parameters }) => [name, frobenius, share, parameters.join(" ")]));
  return files;
};
