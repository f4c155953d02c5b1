import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { classEnergies } from "../../../src/theory/class-energy.ts";
import { energyOf } from "../../../src/theory/energy.ts";
import { leveragePerSample, nuisancePart, nuisancePerSample } from "../../../src/theory/leading.ts";
import { drawSeed, norm, randomProblem } from "./support.ts";

const seed = drawSeed("leading directions");
const [samples, outputs, rank] = [9, 3, 6];
const rows = samples * outputs;
const problem = randomProblem(seed, rows, 50);
const leading = problem.leading(rank);
const z = random(seed, "z").normals(rows);
const labels = Int32Array.from({ length: samples }, (_, i) => [0, 2, 2][i % 3]!);

describe("per-sample quantities", () => {
  it("nuisance of the samples adds up to ‖Π_N z‖²", () => {
    const { nuisance, norm: length } = energyOf(problem.singularValues, problem.project(z), rank);
    const perSample = nuisancePerSample(leading, z, outputs);
    expect(perSample).toHaveLength(samples);
    expect(perSample.reduce((a, b) => a + b, 0)).toBeCloseTo((nuisance * length) ** 2, 10);
  });

  it("nuisance of one sample is that of its own block", () => {
    const rest = nuisancePart(leading, z);
    const block = rest.subarray(4 * outputs, 5 * outputs);
    expect(nuisancePerSample(leading, z, outputs)[4]).toBeCloseTo(norm(block) ** 2, 12);
  });

  it("leverages lie between 0 and K and add up to the rank", () => {
    const leverage = leveragePerSample(leading, outputs);
    expect(leverage.reduce((a, b) => a + b, 0)).toBeCloseTo(rank, 10);
    for (const value of leverage) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(outputs + 1e-12);
    }
  });

  it("do not write to the vector they are given", () => {
    const copy = z.slice();
    nuisancePerSample(leading, z, outputs);
    expect(z).toEqual(copy);
  });
});

describe("per-class energies", () => {
  it("are the shares of z cut to the class and projected then", () => {
    for (const { class: label, information, nuisance, samples: count } of classEnergies(leading, z, labels, outputs)) {
      const cut = z.map((value, row) => (labels[Math.floor(row / outputs)] === label ? value : 0));
      const whole = energyOf(problem.singularValues, problem.project(cut), rank);
      expect(information).toBeCloseTo(whole.information, 10);
      expect(nuisance).toBeCloseTo(whole.nuisance, 10);
      expect(count).toBe(label === 0 ? 3 : 6);
    }
  });

  it("have shares whose squares add to 1, and leave out classes without samples", () => {
    const classes = classEnergies(leading, z, labels, outputs);
    expect(classes.map(({ class: label }) => label)).toEqual([0, 2]);
    for (const { information, nuisance } of classes) expect(information ** 2 + nuisance ** 2).toBeCloseTo(1, 14);
  });

  it("give the shares at every smaller rank", () => {
    const whole = classEnergies(leading, z, labels, outputs);
    for (let rank = 1; rank <= leading.count; rank++) {
      const part = classEnergies({ ...leading, count: rank, values: leading.values.subarray(0, rank * leading.rows) }, z, labels, outputs);
      part.forEach(({ information }, c) => { expect(Math.sqrt(whole[c]?.cumulative?.[rank - 1] ?? NaN)).toBeCloseTo(information, 14); });
    }
  });

  it("are zeros for a class on which z is zero", () => {
    const silent = z.map((value, row) => (labels[Math.floor(row / outputs)] === 2 ? 0 : value));
    expect(classEnergies(leading, silent, labels, outputs)[1]).toMatchObject({ class: 2, samples: 6, information: 0, nuisance: 0 });
  });
});
