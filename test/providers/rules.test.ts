import { describe, expect, it } from "vitest";
import type { ProviderName } from "../../src/runtime/session.ts";
import { openRuntime } from "../../src/runtime/ort.ts";
import type { RuleCase } from "../rules/case.ts";
import { cases } from "../rules/cases/index.ts";
import { caseProgram, evaluate, farthest } from "../rules/on-device.ts";
import { PROVIDERS, reportOf } from "./usable.ts";

const SEED = Number(process.env.RULES_SEED ?? 20_191);

/** Vulkan asks for no more than 2⁻¹¹ of sine and cosine, and the software driver gives no more. @source Vulkan 1.3, "Precision and Operation of SPIR-V Instructions". */
const COARSE: ReadonlySet<string> = new Set(["Sin", "Cos", "Tan", "DFT", "STFT"]);

/** What a provider cannot run at all, and why. */
const IMPOSSIBLE: Readonly<Partial<Record<ProviderName, Readonly<Record<string, string>>>>> = {
  webgpu: { "MaxPool: places in column-major order": "the model itself reads where maxima stood, which WebGPU's kernel does not say" },
};

const opOf = ({ nodes }: RuleCase): string => nodes.map(({ op }) => op).join("+");

/** The first case of each operator. */
const first = cases.filter((test, i) => cases.findIndex((other) => opOf(other) === opOf(test)) === i);

const reports = await Promise.all(PROVIDERS.map(reportOf));

describe.each(reports.filter((report) => report.usable))(`every operator's derivatives on $provider (seed ${SEED})`, ({ provider }) => {
  const runtime = openRuntime(provider);

  it.each(first.filter(({ title }) => IMPOSSIBLE[provider]?.[title] === undefined).map((test) => [test.title, test] as const))("agree with the CPU: %s", { timeout: 60_000 }, async (_, test) => {
    const program = await caseProgram(runtime, test, SEED, runtime.capabilities);
    const error = farthest(await evaluate(runtime, program, "device"), await evaluate(runtime, program, "host"));
    expect(error).toBeLessThan(test.nodes.some(({ op }) => COARSE.has(op)) ? 2 ** -10 : 1e-4);
  });

  it("the nodes that ran on the CPU are named", () => {
    const { nodes, fallback } = runtime.proof();
    const named = [...new Set(fallback.nodes.map(({ operator }) => operator))].sort();
    console.log(`${provider}: ${JSON.stringify(nodes)}; fell back: ${named.join(", ")}`);
    expect(fallback.nodes.length).toBeGreaterThan(0);
    expect(fallback.count).toBeGreaterThanOrEqual(fallback.nodes.length);
    expect(fallback.nodes.every(({ operator }) => operator !== "")).toBe(true);
  });

  it("a node that would be left to the CPU is refused by name where that is forbidden", async () => {
    const strict = openRuntime(provider, 0, { strict: true });
    const test = cases.find(({ title }) => title === "Det: single")!;
    await expect(evaluate(strict, await caseProgram(strict, test, SEED, strict.capabilities), "device")).rejects.toMatchObject({ code: "RUNTIME_FALLBACK", message: expect.stringMatching(/Det \(node "Det"\)/) as string });
  });
});

it("a provider that is not usable has no operators to check, and doctor says so", () => {
  expect(reports.filter((report) => !report.usable).map(({ reason }) => reason ?? "")).not.toContain("");
});
