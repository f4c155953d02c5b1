import { describe, expect, it } from "vitest";
import type { OpenNetwork } from "../../../src/analysis/open-network.ts";
import { uncheckedDerivatives } from "../../../src/analysis/run-checks.ts";

const check = { error: 0, tolerance: 1, passed: true };

/** A network of one parameter, with a rule for it or without. */
const open = (hasRule: boolean): OpenNetwork => {
  const own: Readonly<Record<"network" | "ruleless", unknown>> = { network: { lowered: { parameters: [{ name: "w" }] } }, ruleless: hasRule ? [] : [{ parameter: "w", operator: "Foo", node: "n" }] };
  return own as OpenNetwork;
};

describe("derivatives that no difference could be compared with", () => {
  it("are said, with what to do", () => {
    const [warning, ...others] = uncheckedDerivatives(open(true), { adjoint: check, finiteDifference: null });
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code: "DIFFERENCES_UNCLEAR", hint: expect.stringContaining("--precision double") as string });
  });

  it("are not spoken of where they were compared, or where there are none", () => {
    expect(uncheckedDerivatives(open(true), { adjoint: check, finiteDifference: check })).toEqual([]);
    expect(uncheckedDerivatives(open(false), { adjoint: null, finiteDifference: null })).toEqual([]);
  });
});
