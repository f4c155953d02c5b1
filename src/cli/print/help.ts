import { OPTIONS } from "../arguments/options.ts";
import type { Command } from "../commands/command.ts";
import { commands } from "../commands/index.ts";
import { columns } from "./columns.ts";

const usageOf = ({ name, positionals, usage }: Command): string => ["jacobian-lens", name, ...positionals, usage].filter((part) => part !== "").join(" ");

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** `jacobian-lens --help`. */
export const generalHelp = (version: string): string =>
  [
    `Jacobian Lens ${version}: the Jacobian of an ONNX network, its spectrum, its information and nuisance spaces.`,
    "",
    ...commands.flatMap((command) => [`  ${usageOf(command)}`, `      ${command.summary}`]),
    "",
    "jacobian-lens COMMAND --help lists its options. --debug shows where an error happened; --version prints the version.",
    "Exit status: 0 done, 1 a check failed, 2 wrong usage, 3 invalid input, 4 could not be done, 130 interrupted.",
    "",
  ].join("\n");

/** `jacobian-lens COMMAND --help`. */
export const commandHelp = (command: Command): string => {
  const rows = command.options.map((name) => [`--${name}${OPTIONS[name].value === null ? "" : ` ${OPTIONS[name].value}`}`, OPTIONS[name].help]);
  return [usageOf(command), command.summary, "", ...indented(columns([...rows, ["--debug", "show where an error happened"]])), ""].join("\n");
};
