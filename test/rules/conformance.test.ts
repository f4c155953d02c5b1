import { describe, expect, it } from "vitest";
import { LensError } from "../../src/core/errors.ts";
import { type Outcome, check, complaints } from "./check.ts";
import { exceptions } from "./exceptions.ts";
import { type NodeTest, nodeTests, subjectOf } from "./node-tests.ts";
import { flat, largest, plus } from "./numbers.ts";

const SEED = 546;
const tests = nodeTests();

/** Integer operands as data where that works; constant where they steer an operator. */
const examine = async (test: NodeTest): Promise<Outcome> => {
  try {
    return await check(subjectOf(test, false), SEED);
  } catch (error) {
    if (!(error instanceof LensError) || error.code !== "MODEL_DYNAMIC") throw error;
    return check(subjectOf(test, true), SEED);
  }
};

/** What is wrong with a test, in words; [] when it passes. */
const verdict = async (test: NodeTest): Promise<{ readonly wrong: readonly string[]; readonly outcome?: Outcome }> => {
  try {
    const outcome = await examine(test);
    const names = test.model().graph.outputs.map((o) => o.name);
    const wrong = test.outputs().flatMap((expected, i) => {
      const name = names[i] ?? "";
      const made = outcome.outputs[name];
      if (made?.shape.join() !== expected.shape.join()) return [`output ${name} has shape [${made?.shape.join() ?? ""}], expected [${expected.shape.join()}]`];
      const error = largest(plus(flat([made]), -1, flat([expected]))) / Math.max(largest(flat([expected])), 1e-3);
      return error <= 1e-4 ? [] : [`output ${name} differs from the expected one by ${error.toExponential(1)}`];
    });
    return { wrong: [...wrong, ...complaints(outcome)], outcome };
  } catch (error) {
    return { wrong: [error instanceof LensError ? `${error.code}: ${error.message}` : String(error)] };
  }
};

const tally = { differentiated: 0, "derivative zero": 0, "no floating input": 0, excepted: 0 };

describe("the ONNX project's node tests", () => {
  it.each(tests.map((test) => [test.name, test] as const))("%s", async (name, test) => {
    const { wrong, outcome } = await verdict(test);
    const reason = exceptions.get(name);
    if (reason !== undefined) {
      expect(wrong, `${name} passes: remove it from the table of exceptions (${reason})`).not.toEqual([]);
      tally.excepted++;
      return;
    }
    expect(wrong, wrong.join("; ")).toEqual([]);
    if (outcome?.differenceOf === "no variable") tally["no floating input"]++;
    else if (outcome?.size === 0) tally["derivative zero"]++;
    else tally.differentiated++;
  });

  it("are all accounted for", () => {
    const names = new Set(tests.map((test) => test.name));
    expect([...exceptions.keys()].filter((name) => !names.has(name))).toEqual([]);
    expect(tests).toHaveLength(546);
    console.log(`ONNX node tests: ${Object.entries(tally).map(([what, count]) => `${count} ${what}`).join(", ")}, of ${tests.length}`);
  });
});
