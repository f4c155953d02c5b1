/** A number for a table: three significant digits more or less, "–" for what was not computed. Full precision is in the JSON. */
export const short = (value: number | null | undefined): string => {
  if (value === null || value === undefined) return "–";
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e-2 && size < 1e5 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
};

/** A share in [0, 1] with three decimals. */
export const share = (value: number | null | undefined): string => (value === null || value === undefined ? "–" : value.toFixed(3));

/** A whole number with its thousands apart: 5,018. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** "1 sample", "40 samples". */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** Bytes in the unit that suits them. */
export const bytes = (value: number): string => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
  return `${Number((value / 2 ** (10 * power)).toPrecision(3))} ${units[power] ?? ""}`;
};
