import { describe, expect, it } from "vitest";
import { sizeOf } from "../../src/core/tensor.ts";
import { keyOf } from "../../src/autodiff/rule.ts";
import { ruleFor, rules } from "../../src/autodiff/rules/index.ts";
import { type RuleCase, contents, modelOf, variablesOf } from "./case.ts";
import { cases } from "./cases/index.ts";
import { type Outcome, check, complaints } from "./check.ts";
import { checkGram, projected } from "./gram-check.ts";
import { checkPerSample, rowsOf } from "./per-sample-check.ts";

const SEED = Number(process.env.RULES_SEED ?? 20_191);

/** Operators that are computed in float32 only, and why. */
const SINGLE_ONLY: Readonly<Record<string, string>> = {
  Det: "ONNX Runtime has no float64 determinant, and none of the other operators solves a linear system",
};
const done = new Map<RuleCase, Promise<Outcome>>();

const outcome = (test: RuleCase): Promise<Outcome> => {
  const known = done.get(test);
  if (known) return known;
  const content = contents(test, SEED);
  const variables = variablesOf(test);
  const made = check({ name: test.title, model: modelOf(test, content, variables), feeds: Object.fromEntries(variables.map((name) => [name, content[name]!])) }, SEED);
  done.set(test, made);
  return made;
};

describe("every derivative rule", () => {
  it.each(cases.map((test) => [test.title, test] as const))("agrees with ONNX Runtime and its own adjoint: %s", async (title, test) => {
    const wrong = complaints(await outcome(test));
    expect(wrong, `${title}, seed ${SEED}: ${wrong.join("; ")}`).toEqual([]);
  });

  it.each(cases.filter((test) => test.samples).map((test) => [test.title, test] as const))("gives each sample its own gradient: %s", async (title, test) => {
    const { errors, unstructured } = await checkPerSample(test, SEED);
    expect(unstructured, `${title}, seed ${SEED}: parameters without per-sample structure`).toEqual([]);
    for (const [parameter, error] of Object.entries(errors)) expect(error, `${title}, parameter ${parameter}, seed ${SEED}`).toBeLessThan(5e-6);
  });

  it.each(cases.filter((test) => test.samples).map((test) => [test.title, test] as const))("gives the Gram matrix of its definition with all cotangents at once: %s", async (title, test) => {
    const content = contents(test, SEED);
    const [data = ""] = variablesOf(test);
    const { outputs } = await outcome(test);
    const { error } = await checkGram(projected(modelOf(test, content, [data]), sizeOf(outputs[test.outputs[0] ?? ""]!.shape.slice(1)), SEED), rowsOf(content[data]!), 3);
    expect(error, `${title}, seed ${SEED}`).toBeLessThan(2e-5);
  });

  it("runs in float64, but for the operators named", async () => {
    const single = new Map<string, string>();
    for (const test of cases) if ((await outcome(test)).precision === "float32") single.set(test.title, test.nodes.map((node) => node.op).join());
    expect([...single].filter(([, ops]) => !Object.keys(SINGLE_ONLY).some((op) => ops.split(",").includes(op)))).toEqual([]);
  });

  it("is exercised by at least one case", async () => {
    const seen = new Set<string>();
    for (const test of cases) for (const rule of await outcome(test).then((o) => o.rules, () => [])) seen.add(rule);
    // No derivative goes through a stepwise operator: for those it counts that a case has one.
    for (const node of cases.flatMap((test) => test.nodes)) if (ruleFor(node.domain, node.op)?.kind === "zero") seen.add(keyOf(node.domain, node.op));
    const missing = rules.map((r) => keyOf(r.domain, r.op)).filter((key) => !seen.has(key));
    expect(missing, `no case for ${missing.join(", ")}`).toEqual([]);
  });
});
