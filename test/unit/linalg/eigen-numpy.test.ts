import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { symmetricSpectrum } from "../../../src/linalg/eigen.ts";
import { defects, dot, furthest } from "./support.ts";

const folder = new URL("../../fixtures/linalg/", import.meta.url);

/** A fixture of test/fixtures/linalg/make.py, which says what is in it. */
const read = (name: string) => {
  const bytes = readFileSync(new URL(name, folder));
  const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const [n, m] = [numbers[0]!, numbers[1]!];
  let end = 2;
  const take = (count: number): Float64Array => numbers.slice(end, (end += count));
  const rows = (all: Float64Array): Float64Array[] => Array.from({ length: m }, (_, i) => all.slice(i * n, (i + 1) * n));
  return { n, matrix: take(n * n), values: take(n), vectors: rows(take(m * n)), energies: rows(take(m * n)) };
};

const names = readdirSync(folder).filter((name) => name.endsWith(".bin"));

describe("symmetricSpectrum beside numpy.linalg.eigh", () => {
  it("has fixtures to compare with", () => {
    expect(names.length).toBeGreaterThanOrEqual(6);
  });

  it.each(names)("gives numpy's eigenvalues and energies for %s", async (name) => {
    const { n, matrix, values, vectors, energies } = read(name);
    const found = await symmetricSpectrum(matrix.slice(), n, vectors, { leading: 10 });
    const largest = Math.abs(values[0]!);
    expect(furthest(found.values, values)).toBeLessThan(1e-13 * largest);
    const { residual, orthogonality } = defects(matrix, n, found.values, found.vectors);
    expect(residual).toBeLessThan(1e-13 * largest);
    expect(orthogonality).toBeLessThan(1e-12);
    for (const [v, z] of vectors.entries()) {
      const scale = Math.sqrt(dot(z, z));
      for (let s = 0; s < n; s++) {
        const gap = Math.min(s > 0 ? values[s - 1]! - values[s]! : Infinity, s + 1 < n ? values[s]! - values[s + 1]! : Infinity);
        const tolerance = (1e-13 * largest * scale) / gap;
        if (gap > 1e-9 * largest) expect(Math.abs(Math.abs(found.coefficients[v]![s]!) - energies[v]![s]!)).toBeLessThan(Math.max(tolerance, 1e-13 * scale));
      }
    }
  });
});
