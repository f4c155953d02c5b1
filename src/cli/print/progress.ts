import { silent, throttled, type Progress } from "../../core/progress.ts";
import type { Terminal } from "../services.ts";

/** Progress on standard error, and how to take it away again. */
export interface ProgressLine {
  readonly report: Progress;
  /** Ends the line; what follows begins on a line of its own. */
  end(): void;
}

/** Milliseconds between lines where standard error is a file or a pipe. */
const LOG_INTERVAL = 5000;

/** Takes away what stands on the terminal's line. */
export const CLEAR_LINE = "\r\u001b[2K";

/** One line that overwrites itself on a terminal, a line every five seconds in a log, nothing when quiet. */
export const progressLine = (terminal: Terminal, quiet: boolean): ProgressLine => {
  if (quiet) return { report: silent, end: () => undefined };
  const line = (fraction: number, label: string): string => `${String(Math.floor(fraction * 100)).padStart(3)} % ${label}`;
  if (!terminal.errorLive) {
    const report = throttled((fraction, label) => { terminal.error(`${line(fraction, label)}\n`); }, undefined, LOG_INTERVAL);
    return { report, end: () => undefined };
  }
  let shown = false;
  const report = throttled((fraction, label) => {
    shown = true;
    terminal.error(`${CLEAR_LINE}${line(fraction, label).slice(0, 78)}`);
  });
  return { report, end: () => { if (shown) terminal.error(CLEAR_LINE); } };
};
