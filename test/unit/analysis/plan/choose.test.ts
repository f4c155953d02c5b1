import { describe, expect, it } from "vitest";
import { adviceOf } from "../../../../src/analysis/plan/advice.ts";
import { choose } from "../../../../src/analysis/plan/choose.ts";
import type { MemoryPart, MethodPlan } from "../../../../src/analysis/plan/plan.ts";
import { unusable, weighed } from "../../../../src/analysis/plan/situation.ts";
import type { Situation } from "../../../../src/analysis/plan/situation.ts";
import type { AnalysisRequest, MethodName } from "../../../../src/analysis/request.ts";
import { krylovSizes, processRoom } from "../../../../src/analysis/run-sizes.ts";
import { withDefaults } from "../../../../src/analysis/defaults.ts";
import type { Network } from "../../../../src/jacobian/network.ts";

const MiB = 2 ** 20;

const situation = (request: Partial<AnalysisRequest>, rows = 1000, columns = 5000): Situation => {
  const open: Partial<Situation["open"]> = { samples: 1000 };
  return { open: open as Situation["open"], request: withDefaults({ model: "m.onnx", data: "d.npz", ...request }), rates: { single: 1, double: 1, moved: 1, step: 1, kernel: 1, eigen: 1, measuring: 0 }, base: 100 * MiB, rows, columns, rank: 10, products: null };
};

const part = (bytes: number, power: 0 | 1 | 2): MemoryPart => ({ what: `part ${power}`, bytes, power });

const methodPlan = (own: Situation, method: MethodName, parts: readonly MemoryPart[], arena: readonly MemoryPart[] = []): MethodPlan => weighed(own, method, "values", { flops: 1, seconds: 1, parts, arena });

const plans = (own: Situation, sizes: Partial<Record<MethodName, number>>): MethodPlan[] => Object.entries(sizes).map(([method, bytes]) => methodPlan(own, method as MethodName, [part(bytes * MiB, 2)]));

describe("the choice of a method", () => {
  const small = situation({ memory: 1000 * MiB });

  it("takes all singular values where they fit, from the smaller of JᵀJ and JJᵀ", () => {
    expect(choose(small, plans(small, { gram: 100, rows: 100, krylov: 10 })).chosen).toBe("gram");
    const tall = situation({ memory: 1000 * MiB }, 5000, 1000);
    const { chosen, because } = choose(tall, plans(tall, { gram: 100, rows: 100, krylov: 10 }));
    expect(chosen).toBe("rows");
    expect(because).toContain("JᵀJ of 1,000 parameters is smaller than JJᵀ of 5,000 rows");
  });

  it("takes the leading part where the whole does not fit, and says why", () => {
    const { chosen, because } = choose(small, plans(small, { gram: 5000, rows: 5000, krylov: 10 }));
    expect(chosen).toBe("krylov");
    expect(because).toContain("gram needs 5.43 GiB, 1000 MiB are allowed; most is for part 2 (4.88 GiB)");
  });

  it("takes the leading part of a spectrum that would take minutes, unless much of it or JJᵀ itself is asked for", () => {
    const sizes = { gram: 100, rows: 100, krylov: 10 };
    const large = situation({ memory: 1000 * MiB }, 20_000, 7510);
    expect(choose(large, plans(large, sizes))).toMatchObject({ chosen: "krylov", because: expect.stringContaining("7,510 others, which the method rows would find") as string });
    const much = { ...large, rank: 4000 };
    expect(choose(much, plans(much, sizes)).chosen).toBe("rows");
    const matrix = situation({ memory: 1000 * MiB, gram: true }, 20_000, 30_000);
    expect(choose(matrix, plans(matrix, sizes)).chosen).toBe("gram");
  });

  it.each([
    [{ kind: "energy", value: 0.99 }, "energy"], [{ kind: "alpha", value: 0.1 }, "value"], [{ kind: "relative", value: 0.01 }, "value"], [{ kind: "gap" }, "largest gap"],
  ] as const)("takes all singular values for %o where they fit, however many: only they tell where the cut-off lies", (cutoff, by) => {
    const [wide, tall] = [situation({ memory: 1000 * MiB, cutoff }, 7000, 7510), situation({ memory: 1000 * MiB, cutoff }, 20_000, 7510)];
    const sizes = { gram: 100, rows: 100, krylov: 10 };
    const because = expect.stringContaining(`, and how many of them lie above a cut-off by ${by} is only known from them`) as string;
    expect(choose(wide, plans(wide, sizes))).toMatchObject({ chosen: "gram", because });
    expect(choose(tall, plans(tall, sizes))).toMatchObject({ chosen: "rows", because });
    expect(choose(tall, plans(tall, { gram: 5000, rows: 5000, krylov: 10 })).chosen).toBe("krylov");
  });

  it("takes nothing where nothing fits, and never a sketch or differences unasked", () => {
    expect(choose(small, plans(small, { gram: 5000, rows: 5000, krylov: 5000, sketch: 1, "finite-difference": 1 })).chosen).toBeNull();
    const asked = situation({ memory: 1000 * MiB, method: "sketch" });
    expect(choose(asked, plans(asked, { gram: 1, sketch: 1 }))).toEqual({ chosen: "sketch", because: "it was asked for" });
  });

  it("does not exchange a method that was asked for", () => {
    const asked = situation({ memory: 1000 * MiB, method: "gram" });
    const { chosen, because } = choose(asked, plans(asked, { gram: 5000, krylov: 1 }));
    expect(chosen).toBeNull();
    expect(because).toMatch(/^--method gram needs 5.43 GiB/);
  });

  it("counts a matrix that is larger than WebAssembly memory as one that does not fit, whatever is allowed", () => {
    const rich = situation({ memory: 2 ** 40 });
    expect(methodPlan(rich, "gram", [part(2 ** 33, 2)], [part(2 ** 33, 2)]).why).toBe("needs 8 GiB in one piece for its eigenvalues, 4 GiB at most can be had");
  });
});

describe("the advice where nothing fits", () => {
  it("names memory and samples with which the same estimate fits", () => {
    const own = situation({ memory: 1000 * MiB });
    const plan = methodPlan(own, "gram", [part(600 * MiB, 1), part(2000 * MiB, 2)]);
    const advice = adviceOf(own, [plan]);
    expect(advice).toEqual(["--memory 3GiB for --method gram", "--samples 480 for --method gram", "fewer parameters (--parameters GLOB)"]);
    // 100 + 48 (heap) + r·600 + r²·2000 MiB with the margin of 8 % and 3 % for another process fit for r = 0.48, and a hundredth more of the samples does not.
    const needs = (share: number): number => 1.03 * 1.08 * (148 + share * 600 + share ** 2 * 2000);
    expect([needs(0.48) <= 1000, needs(0.49) <= 1000]).toEqual([true, false]);
    expect(methodPlan(situation({ memory: 3072 * MiB }), "gram", [part(600 * MiB, 1), part(2000 * MiB, 2)]).fits).toBe(true);
  });

  it("does not name memory where one WebAssembly memory is too small, and the samples with which both fit", () => {
    const arena = [part(16 * 1024 * MiB, 2), part(1024 * MiB, 1)];
    const [poor, rich] = [situation({ memory: 1000 * MiB, method: "gram" }), situation({ memory: 2 ** 40, method: "gram" })];
    const parts = [part(17 * 1024 * MiB, 2)];
    // 16·r² + r = 4 for r = 0.469; r²·17 GiB beside 148 MiB fit 1000 MiB, with the margins, for r = 0.208.
    expect(adviceOf(rich, [methodPlan(rich, "gram", parts, arena)])).toEqual(["--samples 460 for --method gram", "fewer parameters (--parameters GLOB)"]);
    expect(adviceOf(poor, [methodPlan(poor, "gram", parts, arena)])).toEqual(["--samples 200 for --method gram", "fewer parameters (--parameters GLOB)"]);
    const other = methodPlan(poor, "krylov", [part(2000 * MiB, 0)]);
    expect(adviceOf({ ...poor, request: { ...poor.request, method: "auto" } }, [methodPlan(poor, "gram", parts, arena), other])).toEqual(["--memory 2560MiB for --method krylov", "--samples 200 for --method gram", "fewer parameters (--parameters GLOB)"]);
  });

  it("does not name samples where what stands against it does not shrink with them", () => {
    const own = situation({ memory: 1000 * MiB, method: "rows" });
    expect(adviceOf(own, [methodPlan(own, "rows", [part(1500 * MiB, 0), part(10 * MiB, 2)])])).toEqual(["--memory 2GiB for --method rows", "fewer parameters (--parameters GLOB)"]);
    const rich = situation({ memory: 2 ** 40, method: "rows" });
    expect(adviceOf(rich, [methodPlan(rich, "rows", [part(MiB, 1)], [part(2 ** 33, 0)])])).toEqual(["fewer parameters (--parameters GLOB)"]);
  });

  it("reads plans of earlier versions, which say nothing of one WebAssembly memory", () => {
    const own = situation({ memory: 1000 * MiB });
    const { arena, ...plan } = methodPlan(own, "gram", [part(2000 * MiB, 2)], [part(2 ** 33, 2)]);
    expect(arena).toHaveLength(1);
    expect(adviceOf(own, [plan])[0]).toBe("--memory 2560MiB for --method gram");
  });

  it("names the methods that fit where one was asked for that does not", () => {
    const own = situation({ memory: 1000 * MiB, method: "gram" });
    expect(adviceOf(own, plans(own, { gram: 5000, krylov: 10 }))[0]).toBe("--method krylov: values");
  });

  it("says what the process takes by itself where that is too much already", () => {
    const own = situation({ memory: 50 * MiB });
    expect(adviceOf(own, plans(own, { gram: 10 }))).toEqual(["--memory 256MiB: the process with model and data takes 100 MiB by itself"]);
  });

  it("names a batch that was asked for where a smaller one would be taken by itself", () => {
    const lowered: Partial<Network["lowered"]> = { parameters: [{ name: "w", shape: [5000], dtype: "float32" }] };
    const network: Partial<Network> = { batch: 900, bytesPerSample: 8 * MiB, outputs: 10, lowered: lowered as Network["lowered"] };
    const open: Partial<Situation["open"]> = { samples: 1000, network: network as Network, room: processRoom(1000 * MiB), source: { fixedBatch: null } as Situation["open"]["source"] };
    const asking = (batch: number | undefined): Situation => ({ ...situation({ memory: 1000 * MiB, ...(batch === undefined ? {} : { batch }) }), open: open as Situation["open"] });
    const firstOf = (own: Situation): string | undefined => adviceOf(own, plans(own, { gram: 5000 }))[0];
    expect(firstOf(asking(900))).toBe("--batch 2 or none, in place of --batch 900");
    for (const batch of [undefined, 1, 2]) expect(firstOf(asking(batch))).toBe("--memory 5888MiB for --method gram");
  });

  it("does not speak of memory for a method that cannot be used at all", () => {
    const own = situation({ memory: 1000 * MiB, method: "krylov" });
    expect(adviceOf(own, [unusable("krylov", "values", "needs a derivative rule for Foo")])).toEqual(["other parameters (--parameters GLOB), or another method (--method auto)"]);
  });
});

describe("the bases of the Krylov method", () => {
  const size = { rows: 20_000, columns: 300_000 };

  it("fit the memory they are given, and shrink with it until the long side is left out", () => {
    const all = [8000, 2000, 800, 300, 150, 100].map((mebibytes) => ({ mebibytes, sizes: krylovSizes(size, 50, mebibytes * MiB) }));
    for (const { mebibytes, sizes } of all) if (sizes) expect(sizes.bytes).toBeLessThanOrEqual(mebibytes * MiB);
    const counts = all.map(({ sizes }) => (sizes ? `${sizes.sides} ${sizes.basis}` : "none"));
    expect(counts[0]).toBe("both 164");
    expect(counts.some((count) => count.startsWith("short"))).toBe(true);
    expect(counts.at(-1)).toBe("none");
    for (const { sizes } of all) if (sizes) expect(sizes.basis).toBeGreaterThanOrEqual(50 + 16);
  });

  it("never leave out the outputs' side, whose vectors the result needs", () => {
    const tall = { rows: 300_000, columns: 2000 };
    for (const mebibytes of [50, 100, 500, 2000, 8000]) expect(krylovSizes(tall, 50, mebibytes * MiB)?.sides ?? "none").not.toBe("short");
  });
});
