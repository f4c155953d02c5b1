import { StringDecoder } from "node:string_decoder";
import type { Readable } from "node:stream";

/** How much of what a process writes is passed on. */
export interface LineLimits {
  /** Lines a second. */
  readonly rate: number;
  /** Characters of one line; the rest of it is left out. */
  readonly length: number;
  /** The last lines, kept for the message when the process dies: passed on then even if they came too fast. */
  readonly tail: number;
}

const LIMITS: LineLimits = { rate: 100, length: 2000, tail: 40 };

/** The lines of a process's outputs on their way to a log. */
export interface OutputLines {
  /** The last lines written, oldest first, held back or not. */
  tail(): readonly string[];
  /** Passes on what was held back of the tail, and says how much was left out before it: called after a request, and when the process has ended. */
  flush(): void;
}

/** Cuts a stream into lines of at most `length` characters; a process that never ends its line costs no more memory than that. */
const splitLines = (stream: Readable, length: number, each: (line: string) => void): void => {
  const decoder = new StringDecoder("utf8");
  let begun = "";
  const take = (text: string): void => {
    const pieces = text.split(/\r?\n/);
    const rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      each((begun + piece).slice(0, length));
      begun = "";
    }
    begun = (begun + rest).slice(0, length);
  };
  stream.on("data", (bytes: Buffer) => { take(decoder.write(bytes)); });
  stream.on("end", () => { if (begun !== "") each(begun); });
  // A broken pipe ends with the process, which is heard of elsewhere.
  stream.on("error", () => undefined);
};

/**
 * Passes every line of the streams to `log`, at most `rate` in a second: native code that repeats a warning for each node must not hold the
 * extension host. What is left out is counted and said; the last lines are never lost.
 */
export const followLines = (streams: readonly (Readable | null)[], log: (line: string) => void, limits: Partial<LineLimits> = {}, now: () => number = () => performance.now()): OutputLines => {
  const { rate, length, tail: kept } = { ...LIMITS, ...limits };
  const tail: { readonly text: string; passed: boolean }[] = [];
  let [second, passed, leftOut] = [-Infinity, 0, 0];
  const sayLeftOut = (count: number): void => {
    if (count > 0) log(`… ${count} lines left out: more than ${rate} came in a second`);
    leftOut = 0;
  };
  const each = (text: string): void => {
    if (now() - second >= 1000) {
      [second, passed] = [now(), 0];
      sayLeftOut(leftOut);
    }
    const passes = passed < rate;
    tail.push({ text, passed: passes });
    if (tail.length > kept) tail.shift();
    if (passes) {
      passed += 1;
      log(text);
    } else leftOut += 1;
  };
  for (const stream of streams) if (stream) splitLines(stream, length, each);
  return {
    tail: () => tail.map(({ text }) => text),
    flush: () => {
      const held = leftOut === 0 ? [] : tail.slice(-leftOut).filter((line) => !line.passed);
      sayLeftOut(leftOut - held.length);
      for (const line of held) {
        line.passed = true;
        log(line.text);
      }
    },
  };
};
