import { describe, expect, it } from "vitest";
import type { MethodPlan, Plan } from "../../../src/analysis/plan/plan.ts";
import type { MethodName } from "../../../src/analysis/request.ts";
import { isCancelled } from "../../../src/core/errors.ts";
import { longFromSettings } from "../../../src/vscode/settings.ts";
import { alternatives, confirmWith, isLong, type PlanDialog, shownCost, shownDuration } from "../../../src/vscode/plan/decide.ts";

const method = (name: MethodName, seconds: number | null, fits = true): MethodPlan => ({ method: name, flops: 1e9, memory: 3 * 2 ** 29, parts: [], seconds, returns: "values", fits, why: fits ? null : "too large" });

const plan = (seconds: number, chosen: MethodName | null = "gram"): Plan => ({
  samples: 10, outputs: 2, parameters: 5, provider: "cpu", limit: 2 ** 32, base: 2 ** 27, chosen, because: "it fits", advice: [], withoutRule: [],
  methods: [method("gram", seconds), method("rows", 500, false), method("krylov", 40), method("sketch", 3)],
  throughput: { single: 1, double: 1, moved: 1, eigen: 1 },
});

/** A dialog that gives these answers in order, and what it was asked. */
const dialogOf = (answers: readonly ("run" | "other" | undefined)[], picks: readonly (MethodName | undefined)[] = []): PlanDialog & { readonly asked: string[] } => {
  const [left, picked, asked] = [[...answers], [...picks], [] as string[]];
  return {
    asked,
    ask: (_plan, chosen, others) => { asked.push(`${chosen.method}${others ? " or another" : ""}`); return Promise.resolve(left.shift()); },
    pick: (methods) => { asked.push(methods.map((m) => m.method).join()); return Promise.resolve(picked.shift()); },
  };
};

describe("the question before a long analysis", () => {
  it("is not asked when the estimate is short, when nothing counts as long, or when nothing fits", async () => {
    const dialog = dialogOf([]);
    expect(await confirmWith(dialog, () => 60)(plan(59))).toBeUndefined();
    expect(await confirmWith(dialog, () => null)(plan(1e6))).toBeUndefined();
    expect(await confirmWith(dialog, () => 0)(plan(100, null))).toBeUndefined();
    expect(dialog.asked).toEqual([]);
    expect(isLong(plan(61), 60)).toBe(true);
  });

  it("goes on with the chosen method, with another one that fits, or not at all", async () => {
    expect(await confirmWith(dialogOf(["run"]), () => 60)(plan(100))).toBeUndefined();
    const dialog = dialogOf(["other"], ["krylov"]);
    expect(await confirmWith(dialog, () => 60)(plan(100))).toBe("krylov");
    expect(dialog.asked).toEqual(["gram or another", "sketch,krylov"]);
    const outcome: unknown = await confirmWith(dialogOf([undefined]), () => 60)(plan(100)).catch((error: unknown) => error);
    expect(isCancelled(outcome)).toBe(true);
  });

  it("is asked again by who picks no other method", async () => {
    const dialog = dialogOf(["other", "run"], [undefined]);
    expect(await confirmWith(dialog, () => 60)(plan(100))).toBeUndefined();
    expect(dialog.asked).toEqual(["gram or another", "sketch,krylov", "gram or another"]);
  });

  it("says time and memory as people do", () => {
    expect([shownDuration(0.2), shownDuration(59), shownDuration(700), shownDuration(9000)]).toEqual(["1 s", "59 s", "12 min", "2.5 h"]);
    expect(shownCost(alternatives(plan(1))[1]!)).toBe("40 s, 1.5 GiB");
    expect(shownCost(method("krylov", null))).toBe("1.5 GiB");
  });

  it("has its threshold in the settings: a minute, any number from 0, or never", () => {
    const read = (value: unknown) => longFromSettings(() => value);
    expect([read(undefined), read(600), read(0), read(null), read("long"), read(-1)]).toEqual([60, 600, 0, null, 60, 60]);
  });
});
