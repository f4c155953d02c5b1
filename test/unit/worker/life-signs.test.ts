import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readBeat, worked, writeBeat, type Beat } from "../../../src/protocol/beat.ts";
import { LifeSigns } from "../../../src/worker/life-signs.ts";

const beat = (changes: Partial<Beat> = {}): Beat => ({ cpu: 0, io: 0, rss: 100, ...changes });

describe("a beat", () => {
  it("comes back as it was sent, and nothing else is one", () => {
    expect(readBeat(writeBeat(beat({ cpu: 12, io: 3 })))).toEqual({ cpu: 12, io: 3, rss: 100 });
    expect(["", "{", "null", "[]", '{"cpu":1}', '{"cpu":"1","io":1,"rss":1}'].map(readBeat)).toEqual([null, null, null, null, null, null]);
  });

  it.each([
    ["computed", { cpu: 900_000 }, true],
    ["read from disk while it waited", { io: 1 }, true],
    ["only kept its thread going", { cpu: 700 }, false],
    ["only grew", { rss: 200 }, false],
  ])("shows whether the process worked: it %s", (_, changes, expected) => {
    expect(worked(beat(), beat(changes))).toBe(expected);
  });
});

describe("signs of life", () => {
  beforeEach(() => { vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] }); });
  afterEach(() => { vi.useRealTimers(); });

  const watching = (patience: number) => {
    const line = new PassThrough();
    const life = new LifeSigns(line);
    const hung = vi.fn();
    let total = beat();
    const send = async (changes: Partial<Beat> = {}): Promise<void> => {
      total = beat({ cpu: total.cpu + (changes.cpu ?? 0), io: total.io + (changes.io ?? 0), rss: changes.rss ?? total.rss });
      line.write(writeBeat(total));
      await new Promise(setImmediate);
    };
    return { life, hung, send, watch: () => life.watch(patience, hung) };
  };

  it("a run that computes for an hour is no hang", async () => {
    const { hung, send, watch } = watching(5000);
    watch();
    for (let second = 0; second < 3600; second++) {
      await send({ cpu: 1_900_000 });
      vi.advanceTimersByTime(1000);
    }
    expect(hung).not.toHaveBeenCalled();
  });

  it("a process that lives and does nothing is one, once its patience is over", async () => {
    const { hung, send, watch } = watching(5000);
    watch();
    for (let second = 0; second < 5; second++) {
      await send({ cpu: 500 });
      vi.advanceTimersByTime(1000);
      expect(hung).not.toHaveBeenCalled();
    }
    await send({ cpu: 500 });
    vi.advanceTimersByTime(2000);
    expect(hung).toHaveBeenCalledTimes(1);
  });

  it("so is one that stopped: no beat comes at all", async () => {
    const { hung, send, watch } = watching(5000);
    await send({ cpu: 1_900_000 });
    watch();
    vi.advanceTimersByTime(7000);
    expect(hung).toHaveBeenCalledTimes(1);
  });

  it("a message of its own counts, and silence begins anew after it", async () => {
    const { life, hung, send, watch } = watching(5000);
    await send();
    watch();
    vi.advanceTimersByTime(4000);
    life.spoke();
    vi.advanceTimersByTime(5000);
    expect(hung).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2000);
    expect(hung).toHaveBeenCalledTimes(1);
  });

  it("are not asked for between requests, nor with no patience set, nor of a process that never had a lifeline", async () => {
    const first = watching(5000);
    await first.send();
    first.watch()();
    const second = watching(0);
    await second.send();
    second.watch();
    const third = watching(5000);
    third.watch();
    vi.advanceTimersByTime(100_000);
    expect([first, second, third].map(({ hung }) => hung.mock.calls.length)).toEqual([0, 0, 0]);
  });

  it("tell how much memory the process held last", async () => {
    const { life, send } = watching(0);
    expect(life.held).toBeNull();
    await send({ rss: 12_345 });
    expect(life.held).toBe(12_345);
  });
});
