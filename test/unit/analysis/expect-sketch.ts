import { expect } from "vitest";
import type { AnalysisResult } from "../../../src/analysis/result.ts";
import { bounds } from "./support.ts";

/** A sketch marked as one: its values at most the singular values `sigma`, each near one of them as its error bar says, the top right to a percent. */
export const expectSketchOf = (found: AnalysisResult, sigma: Float64Array): void => {
  expect(found.method).toMatchObject({ name: "sketch", exact: false });
  expect(found.model.warnings.map((w) => w.code)).toContain("SKETCH");
  found.singularValues.forEach((value, s) => {
    expect(value).toBeLessThanOrEqual(sigma[s]! + found.floor);
    expect(Math.min(...Array.from(sigma, (exact) => Math.abs(exact - value)))).toBeLessThanOrEqual(bounds(found)[s]!);
  });
  for (let s = 0; s < 5; s++) expect(found.singularValues[s]! / sigma[s]!).toBeGreaterThan(0.99);
};
