import { describe, expect, it } from "vitest";
import { cacheBytesFromSettings, capacityFromSettings, patienceFromSettings, requestFromSettings } from "../../../src/vscode/settings.ts";

const reading = (settings: Readonly<Record<string, unknown>>) => (key: string): unknown => settings[key];

describe("the settings", () => {
  it("leave everything to the pipeline's defaults where nothing is set", () => {
    expect(requestFromSettings(reading({ "cutoff.rule": "classes", "cutoff.value": null, samples: null, memory: null }))).toEqual({});
  });

  it.each([
    [{ "cutoff.rule": "rank", "cutoff.value": 50 }, { kind: "rank", value: 50 }],
    [{ "cutoff.rule": "energy", "cutoff.value": 0.9 }, { kind: "energy", value: 0.9 }],
    [{ "cutoff.rule": "gap", "cutoff.value": 3 }, { kind: "gap" }],
  ])("give the cut-off of %o", (settings, cutoff) => {
    expect(requestFromSettings(reading(settings)).cutoff).toEqual(cutoff);
  });

  it("give provider, samples and memory, the latter in bytes", () => {
    expect(requestFromSettings(reading({ provider: "cpu", samples: 100, memory: 1.5 }))).toEqual({ provider: "cpu", samples: 100, memory: 1.5 * 1024 ** 3 });
  });

  it("give the number of the GPU, and whether nodes may be left to the CPU", () => {
    expect(requestFromSettings(reading({ provider: "cuda", deviceId: 0, strictProvider: true }))).toEqual({ provider: "cuda", deviceId: 0, strictProvider: true });
    expect(requestFromSettings(reading({ deviceId: null, strictProvider: false }))).toEqual({});
    expect(requestFromSettings(reading({ deviceId: -1 }))).toEqual({});
  });

  it("give the space for stored Gram matrices in bytes; 0 keeps none", () => {
    expect([2.5, 0, "much", -1].map((size) => cacheBytesFromSettings(reading({ "cache.size": size })) / 1024 ** 3)).toEqual([2.5, 0, 2, 2]);
  });

  it("ignore what is no value of its kind", () => {
    expect(requestFromSettings(reading({ "cutoff.rule": "rank", "cutoff.value": "50", provider: "quantum", samples: 2.5, memory: -1 }))).toEqual({});
    expect([capacityFromSettings(reading({ "results.maximum": 3 })), capacityFromSettings(reading({ "results.maximum": "all" }))]).toEqual([3, 50]);
  });

  it("give a worker's patience in milliseconds; 0 is for ever, and what is no number is two minutes", () => {
    expect([30, 0, -1, "long", null].map((value) => patienceFromSettings(reading({ "worker.patience": value })))).toEqual([30_000, 0, 120_000, 120_000, 120_000]);
  });
});
