import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { followLines, type LineLimits } from "../../../src/worker/output-lines.ts";

/** Lines followed on a clock that the test turns. */
const following = (limits: Partial<LineLimits> = {}) => {
  const stream = new PassThrough();
  const logged: string[] = [];
  let time = 0;
  const lines = followLines([stream, null], (line) => logged.push(line), limits, () => time);
  const write = async (text: string | Buffer): Promise<void> => {
    stream.write(text);
    await new Promise(setImmediate);
  };
  return { lines, logged, write, stream, at: (milliseconds: number) => { time = milliseconds; } };
};

const numbered = (from: number, to: number): string => Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join("");

describe("a worker's output", () => {
  it("goes to the log line by line, wherever the pieces end, with either line end", async () => {
    const { logged, write } = following();
    for (const piece of ["one\ntw", "o\r\nthr", "ee\n"]) await write(piece);
    expect(logged).toEqual(["one", "two", "three"]);
  });

  it("keeps characters whole that two pieces share, and a last line without its end", async () => {
    const { logged, write, stream } = following();
    const bytes = Buffer.from("größer");
    await write(bytes.subarray(0, 3));
    await write(bytes.subarray(3));
    stream.end();
    await new Promise(setImmediate);
    expect(logged).toEqual(["größer"]);
  });

  it("is passed on at the rate allowed; what is left out is counted and said with the next second's first line", async () => {
    const { logged, write, at } = following({ rate: 3 });
    await write(numbered(0, 1000));
    expect(logged).toEqual(["line 0", "line 1", "line 2"]);
    at(1000);
    await write("later\n");
    expect(logged.slice(3)).toEqual(["… 997 lines left out: more than 3 came in a second", "later"]);
  });

  it("never loses its last lines: what is held back of them is passed on at the end, once", async () => {
    const { lines, logged, write } = following({ rate: 2, tail: 4 });
    await write(numbered(0, 10));
    lines.flush();
    lines.flush();
    expect(logged).toEqual(["line 0", "line 1", "… 4 lines left out: more than 2 came in a second", "line 6", "line 7", "line 8", "line 9"]);
    expect(lines.tail()).toEqual(["line 6", "line 7", "line 8", "line 9"]);
  });

  it("says nothing twice where all of it was passed on", async () => {
    const { lines, logged, write } = following();
    await write(numbered(0, 3));
    lines.flush();
    expect(logged).toEqual(["line 0", "line 1", "line 2"]);
  });

  it("is cut where a line does not end", async () => {
    const { logged, write } = following({ length: 10 });
    for (let i = 0; i < 100; i++) await write("x".repeat(1000));
    await write("\nshort\n");
    expect(logged).toEqual(["x".repeat(10), "short"]);
  });
});
