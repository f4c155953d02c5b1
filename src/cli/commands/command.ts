import type { ArgumentRules, Arguments } from "../arguments/parse.ts";
import type { ExitStatus } from "../exit-status.ts";
import type { CommandContext } from "../services.ts";

/** One command: an entry of the table in `index.ts`. */
export interface Command extends ArgumentRules {
  readonly summary: string;
  /** What the help shows after the positional arguments. */
  readonly usage: string;
  /** Runs models: in a process of its own, since native code holds its thread. */
  readonly computes?: true;
  /** @throws LensError, which `run` turns into two lines and an exit status. */
  run(args: Arguments, context: CommandContext): Promise<ExitStatus>;
}
