import { describe, expect, it } from "vitest";
import { linearTicks, logTicks, powerLabel, type Tick } from "../../../webview/shared/ticks.ts";

const labels = (ticks: readonly Tick[]): string[] => ticks.filter((tick) => tick.major).map((tick) => tick.label);

it("powers of ten are written out up to a thousand and as powers beyond", () => {
  expect([-7, -4, -3, -1, 0, 1, 3, 4, 12].map(powerLabel)).toEqual(["10⁻⁷", "10⁻⁴", "0.001", "0.1", "1", "10", "1000", "10⁴", "10¹²"]);
});

describe("a logarithmic axis", () => {
  it.each<[string, number, number, number, string[]]>([
    ["of ranks to 2000 is numbered 1, 10, 100, 1000", 0.9, 2240, 6, ["1", "10", "100", "1000"]],
    ["over two decades shows 1, 2, 5 where they fit", 0.9, 45, 8, ["1", "2", "5", "10", "20"]],
    ["over two decades without room shows powers only", 0.9, 45, 3, ["1", "10"]],
    ["over a fraction of a decade is spaced evenly", 90, 110, 5, ["90", "95", "100", "105", "110"]],
    ["over many decades leaves powers out", 1e-20, 1e3, 5, ["10⁻²⁰", "10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "1"]],
    ["of tiny values has powers of ten", 3e-14, 1e-9, 8, ["10⁻¹³", "10⁻¹²", "10⁻¹¹", "10⁻¹⁰", "10⁻⁹"]],
    ["of huge values over one decade names 2 and 5 too", 7e11, 1.2e13, 6, ["10¹²", "2×10¹²", "5×10¹²", "10¹³"]],
  ])("%s", (_, low, high, most, expected) => {
    expect(labels(logTicks(low, high, most))).toEqual(expected);
  });

  it("has small ticks for 2 … 9 in every labelled decade, inside the axis only", () => {
    const small = logTicks(0.9, 2240, 6).filter((tick) => !tick.major);
    expect(small.map((tick) => tick.value)).toEqual([0.9, 2, 3, 4, 5, 6, 7, 8, 9, 20, 30, 40, 50, 60, 70, 80, 90, 200, 300, 400, 500, 600, 700, 800, 900, 2000]);
    expect(small.every((tick) => tick.label === "")).toBe(true);
  });

  it("never labels more than there is room for, whatever the range", () => {
    for (const decades of [0.1, 0.4, 0.6, 1, 2, 3, 7, 20, 100, 300]) {
      for (const most of [1, 2, 3, 5, 9]) {
        const ticks = logTicks(1e-150, 1e-150 * 10 ** decades, most);
        expect(labels(ticks).length, `${String(decades)} decades, room for ${String(most)}`).toBeLessThanOrEqual(Math.max(2, most));
        expect(ticks.every((tick) => tick.value >= 0.99e-150)).toBe(true);
      }
    }
  });
});

describe("a linear axis", () => {
  it.each<[number, number, number, string[]]>([
    [0, 1, 7, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]],
    [0, 1, 3, ["0", "0.5", "1.0"]],
    [2.4, 2.6, 6, ["2.40", "2.45", "2.50", "2.55", "2.60"]],
    [0, 2500, 6, ["0", "500", "1000", "1500", "2000", "2500"]],
  ])("from %d to %d with room for %d", (low, high, most, expected) => {
    expect(labels(linearTicks(low, high, most))).toEqual(expected);
  });

  it("of no extent has its one value", () => {
    expect(labels(linearTicks(3, 3, 5))).toEqual(["3.000"]);
  });
});
