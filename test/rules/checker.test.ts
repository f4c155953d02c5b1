import { describe, expect, it, vi } from "vitest";
import type * as Index from "../../src/autodiff/rules/index.ts";
import type { Rule } from "../../src/autodiff/rule.ts";
import { contents, modelOf, one, v, variablesOf } from "./case.ts";
import { check, complaints } from "./check.ts";

/** Rules with one thing wrong, by operator; all others are the real ones. */
const FAULTS: Readonly<Record<string, (real: Rule) => Rule>> = {
  Tanh: (real) => ({
    ...real,
    jvp: (context) => real.jvp(context).map((t) => t && context.g.scale(t, 1.0001)),
    vjp: (context) => real.vjp(context).map((t) => t && context.g.scale(t, 1.0001)),
  }),
  Exp: (real) => ({ ...real, vjp: (context) => real.vjp(context).map((t) => t && context.g.neg(t)) }),
  Sin: (real) => ({ ...real, jvp: () => [], vjp: () => [] }),
};

vi.mock("../../src/autodiff/rules/index.ts", async (importOriginal) => {
  const real = await importOriginal<typeof Index>();
  const ruleFor: typeof real.ruleFor = (domain, op) => {
    const rule = real.ruleFor(domain, op);
    return (rule && FAULTS[op]?.(rule)) ?? rule;
  };
  return { ...real, ruleFor };
});

const complaintsOn = async (op: string): Promise<string> => {
  const test = one(op, "", [v([3, 4])]);
  const content = contents(test, 1);
  return complaints(await check({ name: op, model: modelOf(test, content, variablesOf(test)), feeds: content }, 1)).join("; ");
};

describe("the checker", () => {
  it("finds a derivative that is wrong by one part in ten thousand, the same in both modes", async () => {
    expect(await complaintsOn("Tanh")).toMatch(/central difference/);
  });

  it("finds a reverse mode that is not the adjoint of the forward mode", async () => {
    expect(await complaintsOn("Exp")).toMatch(/^the adjoint identity/);
  });

  it("finds a derivative that is left out in both modes", async () => {
    expect(await complaintsOn("Sin")).toMatch(/central difference/);
  });

  it("has nothing to say about a right rule", async () => {
    expect(await complaintsOn("Cos")).toBe("");
  });
});
