/** Texts for people, in the language given (a BCP 47 tag such as "en"). */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** A file's size in decimal units, at most three digits: "4.56 kB". */
export const formatSize = (bytes: number, language: string): string => {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const options = { style: "unit", unit: UNITS[step] ?? "byte", unitDisplay: "short", maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(language, options).format(bytes / 1000 ** step);
};

const AGES = [["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3600], ["minute", 60]] as const;

/** How long before `now` a moment was, both in milliseconds since 1970: "3 hours ago", "now". */
export const formatAge = (moment: number, now: number, language: string): string => {
  const seconds = Math.max(0, (now - moment) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const age = AGES.find(([, length]) => seconds >= length);
  return age ? format.format(-Math.floor(seconds / age[1]), age[0]) : format.format(0, "second");
};

/** At most four significant digits; very large and very small numbers with an exponent. */
export const formatNumber = (value: number, language: string): string => {
  const size = Math.abs(value);
  const notation = size !== 0 && (size >= 1e6 || size < 1e-4) ? "scientific" : "standard";
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 4, notation }).format(value);
};

/** A whole number, grouped. */
export const formatCount = (value: number, language: string): string => new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(value);

/** A share of 1 with three decimals, as in the papers' tables. */
export const formatShare = (value: number, language: string): string => new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(value);

/** Text that Markdown shows as it is, also inside a table. */
export const escapeMarkdown = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!|<>~$&]/g, "\\$&").replace(/\r?\n/g, " ");
