import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { resting } from "../../../webview/shared/resting.ts";

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

it("only the last action is done, when nothing newer has come for the time given", () => {
  const done: string[] = [];
  const rest = resting(300);
  for (const name of ["a", "b", "c"]) {
    rest.later(() => void done.push(name));
    vi.advanceTimersByTime(299);
  }
  expect(done).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(done).toEqual(["c"]);
});

it("a page that goes does what waits at once, and only once", () => {
  const done: string[] = [];
  const rest = resting(300);
  rest.now();
  rest.later(() => void done.push("a"));
  rest.now();
  rest.now();
  vi.advanceTimersByTime(1000);
  expect(done).toEqual(["a"]);
});
