import { CANCELLED, type LensError } from "../../core/errors.ts";
import type { Terminal } from "../services.ts";
import { styleOf } from "./style.ts";

/** One line: what native libraries report may have several. */
const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** `error CODE: what, where` and `hint: …` on standard error; the stack only with `debug`. Cancelling is not an error: one word. */
export const printError = (error: LensError, terminal: Terminal, debug: boolean): void => {
  const style = styleOf(terminal.errorLive);
  if (error.code === CANCELLED) {
    terminal.error("interrupted\n");
    return;
  }
  terminal.error(`${style.red(`error ${error.code}:`)} ${oneLine(error.message)}\n${style.bold("hint:")} ${oneLine(error.hint)}\n`);
  if (!debug) return;
  const origin = error.cause instanceof Error ? error.cause.stack : undefined;
  terminal.error(`${origin ?? error.stack ?? ""}\n`);
};

/** The same form for what is not an error. */
export const printWarning = (warning: { readonly code: string; readonly message: string; readonly hint: string }, terminal: Terminal): void => {
  const style = styleOf(terminal.errorLive);
  terminal.error(`${style.yellow(`warning ${warning.code}:`)} ${oneLine(warning.message)}\n${style.bold("hint:")} ${oneLine(warning.hint)}\n`);
};
