const MINUS = "\u2212";
const SUPERSCRIPTS: ReadonlyMap<string, string> = new Map(Array.from("-0123456789", (c, i) => [c, Array.from("⁻⁰¹²³⁴⁵⁶⁷⁸⁹")[i] ?? c]));
const DIGITS: ReadonlyMap<string, string> = new Map(Array.from(SUPERSCRIPTS, ([digit, raised]) => [raised, digit]));

/** What stands where a number was not computed. */
export const NOT_COMPUTED = "–";

/** An integer exponent in superscript digits: -3 → ⁻³. */
export const superscript = (exponent: number): string => Array.from(String(exponent), (c) => SUPERSCRIPTS.get(c) ?? c).join("");

const special = (value: number | null): string | null => {
  if (value === null) return NOT_COMPUTED;
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  return null;
};

const signed = (text: string): string => text.replace(/^-/, MINUS);

const grouped = (text: string): string => {
  const [whole = "", fraction] = text.split(".");
  const digits = whole.replace("-", "").length;
  const parts = digits > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  return fraction === undefined ? parts : `${parts}.${fraction}`;
};

/** Mantissa and decimal exponent after rounding to `digits` significant digits: 9.9996e5 → ["1.000", 6]. */
const scientific = (value: number, digits: number): [string, number] => {
  const [mantissa = "", exponent = "0"] = value.toExponential(digits - 1).split("e");
  return [mantissa, Number(exponent)];
};

/** A number for people, with `digits` significant digits; below 10⁻³ and from 10⁶ on as 6.93×10⁻⁷. Null is a dash: not computed. */
export const formatNumber = (value: number | null, digits = 4): string => {
  const named = special(value);
  if (named !== null || value === null) return named ?? NOT_COMPUTED;
  if (value === 0) return "0";
  const [mantissa, exponent] = scientific(value, digits);
  if (exponent < -3 || exponent >= 6) return `${signed(mantissa)}×10${superscript(exponent)}`;
  return signed(grouped(Number(value.toPrecision(digits)).toFixed(Math.max(0, digits - 1 - exponent))));
};

/** A share in [0, 1] with four decimals, so that columns of them align; what would round to 0.0000 is written out. */
export const formatShare = (value: number | null): string =>
  (value !== null && Math.abs(value) >= 0.00005 && Math.abs(value) < 10 ? signed(value.toFixed(4)) : formatNumber(value, 3));

/** A whole number with separators: 269,722. */
export const formatCount = (value: number): string => special(value) ?? signed(grouped(value.toFixed(0)));

/** A share as a percentage with three digits at most: 0.1234 → 12.3 %, and "< 0.01 %" for what is nearly nothing. */
export const formatPercent = (share: number): string => {
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return "< 0.01 %";
  return `${percent.toFixed(percent < 1 ? 2 : percent < 99.95 ? 1 : 0)} %`;
};

/** A duration given in seconds: "38 ms", "1.24 s", "4 min 05 s", "2 h 07 min". */
export const formatSeconds = (seconds: number): string => {
  if (seconds < 1) return `${String(Math.round(seconds * 1000))} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${String(Math.floor(whole / 60))} min ${String(whole % 60).padStart(2, "0")} s`;
  const minutes = Math.round(seconds / 60);
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, "0")} min`;
};

/** An amount of memory: "640 KiB", "1.5 GiB". */
export const formatBytes = (bytes: number): string => {
  const step = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1024 ** step;
  return `${String(Number(size.toPrecision(3)))} ${["bytes", "KiB", "MiB", "GiB", "TiB"][step] ?? ""}`;
};

/** A number as a text field holds it, with ASCII characters that parse back: "6.866", "1.6e-7". */
export const formatEditable = (value: number, digits = 4): string => {
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  return rounded !== 0 && (size >= 1e6 || size < 1e-3) ? rounded.toExponential().replace("e+", "e") : String(rounded);
};

/**
 * What a user typed as a number: also "1.6×10⁻⁷", a proper minus, separators as `formatNumber` sets them (from 10,000 on) and otherwise a
 * comma for the decimal point. Null when it is none.
 */
export const parseNumber = (text: string): number | null => {
  const digits = Array.from(text.trim(), (c) => DIGITS.get(c) ?? c).join("");
  const exponent = digits.replaceAll(MINUS, "-").replace(/\s*[×x*]\s*10\^?/u, "e");
  const ungrouped = exponent.replace(/^-?\d{1,3}(?:,\d{3})+(?=\.|$)/u, (whole) => (whole.replace(/\D/gu, "").length > 4 ? whole.replaceAll(",", "") : whole));
  const plain = ungrouped.replace(/^(-?\d+),(\d+)$/u, "$1.$2");
  const value = plain === "" ? NaN : Number(plain);
  return Number.isFinite(value) ? value : null;
};

/** The last `parts` parts of a path, with an ellipsis before them when something was left out; for either kind of slash. */
export const shortPath = (path: string, parts = 2): string => {
  const all = path.split(/[\\/]/u).filter((part) => part !== "");
  return all.length <= parts ? path : `…/${all.slice(-parts).join("/")}`;
};

/** "1 sample", "200 samples"; the plural is the singular with an s unless given. */
export const counted = (count: number, singular: string, plural = `${singular}s`): string => `${formatCount(count)} ${count === 1 ? singular : plural}`;
