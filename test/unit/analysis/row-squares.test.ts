import { describe, expect, it } from "vitest";
import { measuredRows } from "../../../src/analysis/methods/row-squares.ts";
import type { RowSource } from "../../../src/linalg/row-source.ts";

/** Rows 1 2 3 4, 5 6 7 8 and 9 10 11 12, the last one by itself. */
const source = (visits: string[]): RowSource => ({
  rows: 3,
  columns: 4,
  visit: async (take) => {
    visits.push("visit");
    await take({ from: 0, count: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
    await take({ from: 2, count: 1, values: Float64Array.of(9, 10, 11, 12) });
  },
});

describe("rows that are measured as they go by", () => {
  it("hand on every slice, and have the squared norm of each parameter's columns from the first visit alone", async () => {
    const [visits, seen]: [string[], number[]] = [[], []];
    const measured = measuredRows({ source: source(visits), parameters: [{ name: "a", count: 1 }, { name: "b", count: 3 }] });
    for (let i = 0; i < 3; i++) await measured.source.visit(({ from, values }) => { seen.push(from, values.length); });
    expect(visits).toHaveLength(3);
    expect(seen).toEqual([0, 8, 2, 4, 0, 8, 2, 4, 0, 8, 2, 4]);
    expect(measured.blocks()).toEqual([{ parameters: ["a"], squaredNorm: 1 + 25 + 81 }, { parameters: ["b"], squaredNorm: 4 + 9 + 16 + 36 + 49 + 64 + 100 + 121 + 144 }]);
  });
});
