import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { LIFELINE, readBeat, worked, type Beat } from "../protocol/beat.ts";

/** Milliseconds between two looks, at least. */
const SHORTEST = 50;

/**
 * What is heard of a child over its lifeline. A hang is silence: no message, and no beat that shows work since the one before. Silence is
 * counted in ticks of this process's own clock, so that a machine that slept, or a host that stood still, does not make a hang of it.
 */
export class LifeSigns {
  private beat: Beat | null = null;
  private alive = true;

  constructor(line: Readable | null) {
    if (line) createInterface({ input: line }).on("line", (text) => { this.hear(readBeat(text)); });
  }

  /** Bytes of resident memory when last heard of. */
  get held(): number | null {
    return this.beat?.rss ?? null;
  }

  /** The process said something by itself. */
  spoke(): void {
    this.alive = true;
  }

  /**
   * Calls `hung` once when nothing is heard for `patience` milliseconds (0: never); the returned function stops watching. A process that never
   * sent a beat has no lifeline to judge it by, and is left alone.
   */
  watch(patience: number, hung: () => void): () => void {
    if (patience <= 0) return () => undefined;
    const interval = Math.max(SHORTEST, Math.min(LIFELINE.interval, patience / 4));
    let silent = 0;
    this.alive = true;
    const timer = setInterval(() => {
      silent = this.alive || this.beat === null ? 0 : silent + interval;
      this.alive = false;
      if (silent < patience) return;
      clearInterval(timer);
      hung();
    }, interval);
    return () => { clearInterval(timer); };
  }

  private hear(beat: Beat | null): void {
    if (!beat) return;
    if (this.beat === null || worked(this.beat, beat)) this.alive = true;
    this.beat = beat;
  }
}
