import { isCancelled, LensError, toLensError } from "../core/errors.ts";
import { LATER_OPTIONS } from "./arguments/options.ts";
import { parseArguments } from "./arguments/parse.ts";
import { commands, LATER_COMMANDS } from "./commands/index.ts";
import { exitStatusOf, type ExitStatus } from "./exit-status.ts";
import { printError } from "./print/error.ts";
import { commandHelp, generalHelp } from "./print/help.ts";
import type { CommandContext } from "./services.ts";

const unknownCommand = (name: string): LensError => {
  const later = LATER_COMMANDS[name];
  const known = commands.map((command) => command.name).join(", ");
  if (later !== undefined) return new LensError("USAGE_LATER", `${name}: is not part of this version (${later})`, `This version has ${known}.`);
  return new LensError("USAGE_COMMAND", `${name}: there is no such command`, `The commands are ${known}; jacobian-lens --help describes them.`);
};

const dispatch = async (argv: readonly string[], context: CommandContext): Promise<ExitStatus> => {
  const { terminal, services } = context;
  const [name, ...rest] = argv;
  if (name === undefined) {
    terminal.error(generalHelp(services.version));
    return 2;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    terminal.out(generalHelp(services.version));
    return 0;
  }
  if (name === "--version") {
    terminal.out(`${services.version}\n`);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) throw unknownCommand(name);
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.out(commandHelp(command));
    return 0;
  }
  return command.run(parseArguments(command, rest, LATER_OPTIONS), context);
};

/**
 * The command line: `argv` without node and script. Never rejects: every error becomes its two lines on standard error and an exit status.
 */
export const run = async (argv: readonly string[], context: CommandContext): Promise<ExitStatus> => {
  const debug = argv.includes("--debug");
  try {
    return await dispatch(argv.filter((argument) => argument !== "--debug"), context);
  } catch (thrown) {
    const error = toLensError(thrown);
    printError(error, context.terminal, debug);
    return isCancelled(error) ? 130 : exitStatusOf(error.code);
  }
};
