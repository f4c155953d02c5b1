/**
 * The lifeline: a pipe between a process that computes and the one that started it, watched by a thread of its own because the main thread
 * stands still in native code. Its end means that nobody waits for the result any more; over it comes one beat a second, a line of JSON.
 */
export const LIFELINE = { fd: 4, interval: 1000 } as const;

/** What a process has used since it began, and holds. */
export interface Beat {
  /** Processor time of all threads, microseconds. */
  readonly cpu: number;
  /** Blocks read and written, and pages fetched from disk: counts that change while it waits for one. */
  readonly io: number;
  /** Resident memory, bytes. */
  readonly rss: number;
}

export const writeBeat = (beat: Beat): string => `${JSON.stringify(beat)}\n`;

/** The beat in a line, or null for anything else. */
export const readBeat = (line: string): Beat | null => {
  try {
    const { cpu, io, rss } = JSON.parse(line) as Partial<Record<keyof Beat, unknown>>;
    return typeof cpu === "number" && typeof io === "number" && typeof rss === "number" ? { cpu, io, rss } : null;
  } catch {
    return null;
  }
};

/** A hundredth of one core over a second: an idle worker uses a twentieth of that. */
const WORKING = 10_000;

/** Whether the process computed, read or wrote between two beats. A long native run does; one that waits for a lock does not. */
export const worked = (before: Beat, after: Beat): boolean => after.cpu - before.cpu >= WORKING || after.io !== before.io;
