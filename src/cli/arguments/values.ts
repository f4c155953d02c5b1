import { LensError } from "../../core/errors.ts";
import type { OptionName } from "./options.ts";
import type { Arguments } from "./parse.ts";

const refuse = (name: OptionName, text: string, wanted: string): LensError => new LensError("USAGE_VALUE", `--${name} ${text}: is not ${wanted}`, `Give ${wanted}.`);

const DECIMAL = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** An option as a number that satisfies `fits`; undefined when it was not given. @throws LensError USAGE_VALUE. */
const numberOf = (args: Arguments, name: OptionName, wanted: string, fits: (value: number) => boolean): number | undefined => {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!DECIMAL.test(text) || !Number.isFinite(value) || !fits(value)) throw refuse(name, text, wanted);
  return value;
};

export const countOf = (args: Arguments, name: OptionName): number | undefined =>
  numberOf(args, name, "a whole number of at least 1", (value) => Number.isSafeInteger(value) && value >= 1);

export const deviceOf = (args: Arguments, name: OptionName): number | undefined =>
  numberOf(args, name, "a whole number from 0", (value) => Number.isInteger(value) && value < 2 ** 16);

/** Seeds are whole numbers of 32 bits: the generator takes no more. */
export const seedOf = (args: Arguments, name: OptionName): number | undefined =>
  numberOf(args, name, "a whole number from 0 to 4294967295", (value) => Number.isInteger(value) && value < 2 ** 32);

export const positiveOf = (args: Arguments, name: OptionName): number | undefined => numberOf(args, name, "a number above 0", (value) => value > 0);

export const shareOf = (args: Arguments, name: OptionName): number | undefined => numberOf(args, name, "a number above 0 and at most 1", (value) => value > 0 && value <= 1);

/** An option with a fixed list of values. @throws LensError USAGE_VALUE. */
export const choiceOf = <T extends string>(args: Arguments, name: OptionName, choices: readonly T[]): T | undefined => {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw refuse(name, text, `one of ${choices.join(", ")}`);
};

const UNITS: Readonly<Record<string, number>> = {
  KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12,
};

/** A size such as 4GiB or 500MB, in bytes. @throws LensError USAGE_VALUE. */
export const bytesOf = (args: Arguments, name: OptionName): number | undefined => {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text) ?? [];
  const bytes = Math.floor(Number(amount) * (UNITS[unit] ?? NaN));
  if (!(bytes > 0) || !Number.isSafeInteger(bytes)) throw refuse(name, text, "a size with a unit, such as 4GiB or 500MB");
  return bytes;
};

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Longest time that a timer of JavaScript can wait, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** A time such as 90s, 10m or 1h30m, in milliseconds. @throws LensError USAGE_VALUE. */
export const durationOf = (args: Arguments, name: OptionName): number | undefined => {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smh])/g)];
  const milliseconds = parts.reduce((sum, [, amount = "", unit = ""]) => sum + Number(amount) * (SECONDS[unit] ?? NaN) * 1000, 0);
  if (parts.map(([part]) => part).join("") !== text || !(milliseconds > 0) || milliseconds > LONGEST) throw refuse(name, text, "a time with a unit, such as 90s, 10m or 2h, of at most 24 days");
  return milliseconds;
};
