import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { classTable } from "../../../webview/lens/model/classes.ts";
import { describeCumulative, drawnCurve, drawnRanks, markerPoints } from "../../../webview/lens/model/cumulative.ts";
import { energyRows, errorBarText } from "../../../webview/lens/model/energy.ts";
import { checksText, detailsOf, factsOf } from "../../../webview/lens/model/facts.ts";
import { layerBars } from "../../../webview/lens/model/layers.ts";
import { rateRows } from "../../../webview/lens/model/learning-rate.ts";
import { BUCKETS, cumulativeSquares, describeSpectrum, drawnSpectrum, rankRange, spectrumNote, valueRange } from "../../../webview/lens/model/spectrum.ts";
import { footline, headline } from "../../../webview/sidebar/model.ts";
import { exampleView } from "./example-view.ts";

const seed = 17;

describe("the drawn spectrum", () => {
  it("of few values is all of them", () => {
    expect(drawnSpectrum(Float64Array.of(8, 4, 2))).toEqual([{ x: 1, y: 8 }, { x: 2, y: 4 }, { x: 3, y: 2 }]);
  });

  it(`of 10,000 values is thinned but keeps its ends and every large drop (seed ${String(seed)})`, () => {
    const draws = random(seed, "spectrum");
    const values = Float64Array.from({ length: 10_000 }, () => draws.uniform()).sort().reverse();
    values.fill(1e-6, 7000);
    const points = drawnSpectrum(values);
    expect(points.length).toBeLessThanOrEqual(4 * BUCKETS);
    expect(points[0]).toEqual({ x: 1, y: values[0] });
    expect(points.at(-1)).toEqual({ x: 10_000, y: 1e-6 });
    expect(points.every(({ x, y }) => y === values[x - 1])).toBe(true);
    // The cliff is drawn as steep as it is: within one stripe of the axis.
    const foot = points.findIndex(({ y }) => y === 1e-6);
    expect(Math.log((points[foot]?.x ?? 0) / (points[foot - 1]?.x ?? 1))).toBeLessThan(Math.log(10_000) / BUCKETS);
  });

  it("leaves out zeros, and says so", () => {
    const values = Float64Array.of(1, 0.5, 0, 0);
    expect(drawnSpectrum(values)).toHaveLength(2);
    expect(spectrumNote({ singularValues: values, floor: 1e-3, errors: null, density: null })).toBe("Without error bars. 2 values of 4 below the rounding floor. 2 values are zero and not drawn.");
  });
});

describe("the axis of singular values", () => {
  it.each<[string, number[], number, (low: number, high: number) => boolean]>([
    ["shows a floor close below the values", [10, 1, 0.1], 0.0035, (low) => low < 0.0035],
    ["does not squash the values for a floor far below", [10, 1, 0.1], 1.5e-7, (low) => low > 0.05],
    ["shows at most two decades of noise", [10, 1, 1e-14], 0.0035, (low) => low > 2e-5 && low < 0.0035],
    ["has room for one value", [3.2], 0, (low, high) => low < 3.2 && high > 3.2],
    ["stands on its feet without positive values", [0, 0], 0, (low, high) => low > 0 && high > low],
    ["holds tiny values", [1e-300, 1e-301], 0, (low, high) => low > 0 && low < 1e-301 && high > 1e-300],
  ])("%s", (_, values, floor, holds) => {
    const { low, high } = valueRange(values, floor);
    expect(holds(low, high), `${String(low)} … ${String(high)}`).toBe(true);
  });

  it("of ranks leaves room for a line after the last", () => {
    for (const count of [1, 2, 3, 40, 10_000]) expect(rankRange(count).high).toBeGreaterThan(Math.sqrt(count * (count + 1)));
  });
});

describe("findings in words", () => {
  const { singularValues } = exampleView();

  it("say what the spectrum shows", () => {
    expect(describeSpectrum(singularValues, 0.01, { rank: 2, alpha: 4 }, 80 / 85)).toBe(
      "Singular values of the Jacobian on logarithmic axes: 4 values from 8.000 down to 1.000. The cut-off after the first 2 (α = 4.000) keeps 94.1 % of the squared Frobenius norm. The largest gap follows value 1. All lie above the rounding floor.");
    expect(describeSpectrum([3.2], 0, { rank: 1, alpha: 3.2 }, 1)).toBe("One singular value, 3.200.");
    expect(describeSpectrum([3, 1e-9], 1e-3, { rank: 1, alpha: 3 }, 1)).toContain("1 value below the rounding floor");
  });

  it("say what the cumulative curves show, without what was not computed", () => {
    expect(describeCumulative(exampleView(), 2)).toBe("Cumulative power: the first 2 directions hold 50.0 % of the labels' squared norm and 0.00 % of the residual's. Labels permuted at random have 49.0 % on average (5 to 95 %: 30.0 % to 60.0 %).");
    expect(describeCumulative(exampleView({ residual: null, randomLabels: null }), 4)).toBe("Cumulative power: the first 4 directions hold 100 % of the labels' squared norm.");
  });
});

describe("the table of shares", () => {
  it("has labels, residual and the mean of random labels, in the definition's numbers", () => {
    const [labels, residual, chance] = energyRows(exampleView(), 2);
    expect(labels).toMatchObject({ id: "labels", norm: 2, information: Math.SQRT1_2, nuisance: Math.SQRT1_2 });
    expect(labels?.pseudoInverse).toBeCloseTo(Math.sqrt(0.25 / 64 + 0.25 / 16), 15);
    expect(residual).toMatchObject({ information: 0, nuisance: 1, pseudoInverse: 0 });
    expect(chance).toMatchObject({ information: 0.7, pseudoInverse: null, norm: null });
  });

  it("has error bars of the shares from the angle at the rank, where it is known", () => {
    const [labels, residual, chance] = energyRows(exampleView({ angles: Float64Array.of(0, 0.6, 0, 1) }), 2);
    // ‖Π_I z‖ = ‖Π_N z‖ = √½: sin·√½ + (1 − cos)·√½ at most, and no more than the sine.
    expect(labels?.errors?.information).toBeCloseTo(0.6 * Math.SQRT1_2 + 0.2 * Math.SQRT1_2, 12);
    expect(residual?.errors?.nuisance).toBeLessThanOrEqual(0.6);
    expect(chance?.errors).toBeNull();
    expect(energyRows(exampleView(), 2)[0]?.errors).toBeNull();
    expect([errorBarText(undefined), errorBarText(4e-5), errorBarText(0.00012), errorBarText(0.01234), errorBarText(0.7)]).toEqual(["", "", "±\u00a00.0001", "±\u00a00.012", "±\u00a00.7"]);
  });

  it("leaves out what was not computed", () => {
    expect(energyRows(exampleView({ labels: null, randomLabels: null }), 1).map((row) => row.id)).toEqual(["residual"]);
  });
});

describe("cumulative curves", () => {
  it("are drawn within 0 and 1 whatever rounding did", () => {
    expect(drawnCurve(Float64Array.of(-1e-17, 0.5, 1 + 1e-15), [1, 2, 3]).map((point) => point.y)).toEqual([0, 0.5, 1]);
  });

  it("are all drawn at the same ranks, so that one place names the values of all, and steps of each are kept", () => {
    const step = (at: number) => Float64Array.from({ length: 10_000 }, (_, i) => (i < at ? 0 : 1));
    const ranks = drawnRanks([step(5000), step(8123)]);
    expect(ranks.length).toBeLessThan(5 * BUCKETS);
    for (const rank of [1, 5001, 8124, 10_000]) expect(ranks).toContain(rank);
    const before = ranks[ranks.indexOf(5001) - 1] ?? 0;
    expect(Math.log(5001 / before)).toBeLessThan(Math.log(10_000) / BUCKETS);
  });

  it("carry markers evenly along the logarithmic axis, on drawn points", () => {
    const shares = Float64Array.from({ length: 2000 }, (_, i) => i / 2000);
    const points = drawnCurve(shares, drawnRanks([shares]));
    const marked = markerPoints(points, 8, 0.5);
    expect(marked).toHaveLength(points.length);
    expect(marked.filter(Boolean).length).toBeGreaterThanOrEqual(7);
    expect(markerPoints([{ x: 1, y: 0.5 }], 8, 0.5).filter(Boolean)).toHaveLength(1);
  });
});

describe("layers' shares", () => {
  const layers = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `layer ${String(i)}`, parameters: ["w"], frobenius: Math.sqrt(i + 1), share: (i + 1) / ((count * (count + 1)) / 2) }));

  it("are sorted, the rest in one bar, and still sum to one", () => {
    const bars = layerBars(layers(40));
    expect(bars).toHaveLength(13);
    expect(bars[0]?.name).toBe("layer 39");
    expect(bars.at(-1)).toMatchObject({ name: "28 other layers", rest: true });
    expect(bars.reduce((sum, bar) => sum + bar.share, 0)).toBeCloseTo(1, 12);
    expect(bars.reduce((sum, bar) => sum + bar.frobenius ** 2, 0)).toBeCloseTo(820, 9);
  });

  it.each([[1, 1], [12, 12], [13, 13], [14, 13]])("%d layers make %d bars", (count, bars) => {
    expect(layerBars(layers(count))).toHaveLength(bars);
  });
});

describe("learning-rate limits", () => {
  const own = { sharpness: 4, theory: 0.25, divergence: 0.5 };

  it("are listed per way of writing the loss, with the user's own beside them", () => {
    const inUsersUnits = { "meanOfSquares.theory": 1, "meanOfSquares.divergence": 2, "meanOfSquares.eta": 0.75, "meanOfSquares.ofDivergence": 1.5, "other.theory": 3, "other.divergence": 6 };
    expect(rateRows({ ...own, inUsersUnits })).toMatchObject([{ loss: "mean of squares", theory: 1, divergence: 2, ofDivergence: 1.5 }, { loss: "other", theory: 3, divergence: 6, ofDivergence: null }]);
  });

  it("are the theory's own when the result has no others", () => {
    expect(rateRows({ ...own, inUsersUnits: null })).toMatchObject([{ theory: 0.25, divergence: 0.5, ofDivergence: null }]);
  });
});

describe("the facts line", () => {
  it("names samples, outputs, parameters, method, provider, seconds, fit and checks", () => {
    expect(factsOf(exampleView()).map((fact) => fact.text)).toEqual(["2 samples × 2 outputs", "7510 parameters", "accuracy 98.5 %", "Gram matrix, exact", "CPU, single precision", "1.24 s", "1 check passed"]);
  });

  it("keeps refused providers and the numbers of the checks behind it", () => {
    const facts = factsOf(exampleView());
    expect(facts.find((fact) => fact.id === "provider")?.title).toContain("CUDA refused: no CUDA library");
    expect(facts.find((fact) => fact.id === "checks")?.title).toContain("error 3.00×10⁻⁷, tolerance 1.00×10⁻⁴");
    expect(detailsOf(exampleView())).toContainEqual(["Check passed", "adjoint identity ⟨Jv, u⟩ = ⟨v, Jᵀu⟩: error 3.00×10⁻⁷, tolerance 1.00×10⁻⁴"]);
  });

  it.each([
    [{ certified: true, count: null }, ", certified"],
    [{ certified: false, count: null }, ""],
    [{ certified: true, count: { atLeast: 2, atMost: 2, failure: 0 } }, "; r is certain"],
    [{ certified: true, count: { atLeast: 2, atMost: 2, failure: 1e-6 } }, "; r is certain, except with probability 1.0×10⁻⁶"],
    [{ certified: false, count: { atLeast: 1, atMost: 3, failure: 0 } }, "; r is between 1 and 3"],
    [{ certified: false, count: { atLeast: 1, atMost: null, failure: 0 } }, "; r is at least 1"],
  ])("say what is certain of the stored cut-off: %o", (change, text) => {
    const { cutoff } = exampleView();
    expect(detailsOf(exampleView({ cutoff: { ...cutoff, ...change } }))).toContainEqual(["Cut-off stored", `rank 2: r = 2, α = 4.000${text}`]);
  });

  it("counts failed checks", () => {
    const check = { name: "adjoint", error: 1, tolerance: 1e-4 } as const;
    expect(checksText([{ ...check, passed: false }, { ...check, passed: true }])).toBe("1 of 2 checks failed");
    expect(checksText([])).toBe("no checks made");
  });

  it("leaves out a fit that was not measured", () => {
    expect(factsOf(exampleView({ fit: null })).some((fact) => fact.id === "fit")).toBe(false);
  });
});

describe("the sidebar", () => {
  it("shows the headline figures at the stored cut-off", () => {
    expect(headline(exampleView()).map(({ name, value }) => [name, value])).toEqual([["λ_1", "8.000"], ["rank r", "2"], ["gap λ_r/λ_{r+1}", "2.000"], ["‖Π_I y‖/‖y‖", "0.7071"], ["‖Π_I r‖/‖r‖", "0"]]);
    expect(footline(exampleView())).toBe("2 samples × 2 · 7510 parameters · CPU, single precision · 1.24 s · 1 check passed");
  });

  it("shows no shares without labels", () => {
    expect(headline(exampleView({ labels: null, residual: null })).map((figure) => figure.name)).toEqual(["λ_1", "rank r", "gap λ_r/λ_{r+1}"]);
  });
});

it("cumulative squares end at the squared Frobenius norm", () => {
  expect(Array.from(cumulativeSquares(Float64Array.of(8, 4, 2, 1)))).toEqual([64, 80, 84, 85]);
});

describe("the table by classes", () => {
  const perClass = [{ class: 0, samples: 3, information: 0.8, nuisance: 0.6, cumulative: [0.36, 0.64] }, { class: 4, samples: 1, information: 0, nuisance: 0, cumulative: [0, 0] }];
  const labels = { norm: 2, cumulative: Float64Array.of(0.25, 0.5, 0.75, 1), perClass };

  it("follows the cut-off as far as the analysis computed classes, and stays there beyond", () => {
    const view = exampleView({ labels, residual: null });
    expect(classTable(view, 1)).toMatchObject({ rank: 1, rows: [{ name: 0, samples: 3, labels: { information: 0.6, nuisance: 0.8 }, residual: null }, { name: 4, labels: { information: 0, nuisance: 0 } }] });
    expect(classTable(view, 2)).toMatchObject({ rank: 2, rows: [{ labels: { information: 0.8, nuisance: 0.6 } }, {}] });
    expect(classTable(view, 3)).toEqual(classTable(view, 2));
  });

  it("of results that know one cut-off only is at that", () => {
    const stored = perClass.map(({ cumulative: _, ...entry }) => entry);
    expect(classTable(exampleView({ labels: { ...labels, perClass: stored } }), 1)).toMatchObject({ rank: null, rows: [{ labels: { information: 0.8, nuisance: 0.6 } }, {}] });
    expect(classTable(exampleView(), 1)).toBeNull();
  });
});
