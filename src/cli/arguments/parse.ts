import { parseArgs } from "node:util";
import { LensError } from "../../core/errors.ts";
import { OPTIONS, type OptionName } from "./options.ts";

/** What a command needs to know about its own arguments. */
export interface ArgumentRules {
  readonly name: string;
  /** Names of the positional arguments; one in brackets may be left out. */
  readonly positionals: readonly string[];
  readonly options: readonly OptionName[];
}

/** Arguments taken apart, still text. */
export interface Arguments {
  readonly command: string;
  readonly positionals: readonly string[];
  /** The value of an option that is given at most once. */
  text(name: OptionName): string | undefined;
  /** All values of a repeatable option, in order. */
  all(name: OptionName): readonly string[];
  flag(name: OptionName): boolean;
}

const usage = (code: string, message: string, command: string): LensError => new LensError(code, message, `jacobian-lens ${command} --help shows how it is used.`);

const fromNode = (error: unknown, command: string): unknown => {
  if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("ERR_PARSE_ARGS")) return error;
  const option = /'(-[^' ]+)/.exec(error.message)?.[1] ?? "";
  if (error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return usage("USAGE_OPTION", `${option}: ${command} has no such option`, command);
  return usage("USAGE_VALUE", `${option}: ${/argument missing|ambiguous/.test(error.message) ? "needs a value" : "takes no value"}`, command);
};

const checkPositionals = ({ name, positionals }: ArgumentRules, given: readonly string[]): void => {
  const needed = positionals.filter((positional) => !positional.startsWith("["));
  const missing = needed[given.length];
  if (missing !== undefined) throw usage("USAGE_MISSING", `${missing}: is missing`, name);
  const extra = given[positionals.length];
  if (extra !== undefined) throw usage("USAGE_EXTRA", `${extra}: is one argument too many`, name);
};

const refuseLater = (argv: readonly string[], later: Readonly<Record<string, string>>, command: string): void => {
  for (const argument of argv) {
    const name = /^--([a-z-]+)/.exec(argument)?.[1] ?? "";
    const purpose = later[name];
    if (purpose !== undefined) throw usage("USAGE_LATER", `--${name}: ${purpose} is not part of this version`, command);
  }
};

/**
 * Takes the arguments of one command apart.
 * @throws LensError USAGE_OPTION, USAGE_VALUE, USAGE_TWICE, USAGE_MISSING, USAGE_EXTRA, and USAGE_LATER for an option of `later`.
 */
export const parseArguments = (rules: ArgumentRules, argv: readonly string[], later: Readonly<Record<string, string>>): Arguments => {
  refuseLater(argv, later, rules.name);
  const options = Object.fromEntries(rules.options.map((name) => [name, { type: OPTIONS[name].value === null ? ("boolean" as const) : ("string" as const), multiple: true }]));
  let parsed: { readonly values: Readonly<Record<string, unknown>>; readonly positionals: readonly string[] };
  try {
    parsed = parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw fromNode(error, rules.name);
  }
  checkPositionals(rules, parsed.positionals);
  const all = (name: OptionName): readonly string[] => {
    const values = parsed.values[name];
    return Array.isArray(values) ? values.filter((value): value is string => typeof value === "string") : [];
  };
  for (const name of rules.options) {
    if (OPTIONS[name].repeat !== true && all(name).length > 1) throw usage("USAGE_TWICE", `--${name}: is given more than once`, rules.name);
  }
  return { command: rules.name, positionals: parsed.positionals, all, text: (name) => all(name)[0], flag: (name) => parsed.values[name] !== undefined };
};
