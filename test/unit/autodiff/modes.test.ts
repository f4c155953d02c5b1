import { describe, expect, it } from "vitest";
import { LensError } from "../../../src/core/errors.ts";
import { jvp } from "../../../src/autodiff/forward.ts";
import { vjp } from "../../../src/autodiff/reverse.ts";
import { rules } from "../../../src/autodiff/rules/index.ts";
import { keyOf } from "../../../src/autodiff/rule.ts";
import { lowerings } from "../../../src/onnx/lowerings/index.ts";
import { GraphBuilder } from "../../../src/onnx/builder.ts";
import type { Value } from "../../../src/onnx/value.ts";

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof LensError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
};

const open = (): { g: GraphBuilder; x: Value; w: Value } => {
  const g = new GraphBuilder();
  return { g, x: g.input("x", "float32", [2, 3]), w: g.input("w", "float32", [3, 4]) };
};

describe("forward and reverse mode", () => {
  it("give nothing for an output that the sources do not reach", () => {
    const { g, x, w } = open();
    const y = g.unary("Tanh", x);
    const steps = [...g.steps];
    expect(jvp(g, steps, new Map([[w, w]]), [y])).toEqual([undefined]);
    expect(vjp(g, steps, new Map([[y, y]]), [w])).toEqual([undefined]);
  });

  it("hand on the tangent of an output that is a source itself", () => {
    const { g, x } = open();
    const v = g.input("v", "float32", [2, 3]);
    expect(jvp(g, [], new Map([[x, v]]), [x])).toEqual([v]);
    expect(vjp(g, [], new Map([[x, v]]), [x])).toEqual([v]);
  });

  it("add the cotangents of a value that is used twice", () => {
    const { g, x } = open();
    const y = g.add(g.unary("Tanh", x), g.unary("Exp", x));
    const steps = [...g.steps];
    const [back] = vjp(g, steps, new Map([[y, g.input("u", "float32", y.shape)]]), [x]);
    expect(back && g.makerOf(back)?.op).toBe("Add");
  });

  it("write no derivative of steps beside the way from source to output", () => {
    const { g, x, w } = open();
    g.op("NoRuleForThis", [x], x.shape, "float32");
    const y = g.matMul(x, w);
    const steps = [...g.steps];
    expect(vjp(g, steps, new Map([[y, g.input("u", "float32", y.shape)]]), [w])[0]?.shape).toEqual(w.shape);
  });

  it("name operator and node where a rule is missing", () => {
    const { g, x } = open();
    g.origin = "layer7/odd";
    const y = g.op("Odd", [x], x.shape, "float32", {}, "custom");
    const steps = [...g.steps];
    const expected = /^OPERATOR_RULE: .*custom\.Odd.*layer7\/odd/;
    expect(code(() => jvp(g, steps, new Map([[x, x]]), [y]))).toMatch(expected);
    expect(code(() => vjp(g, steps, new Map([[y, y]]), [x]))).toMatch(expected);
  });

  it("leave to an intercept the operand that it takes over", () => {
    const { g, x, w } = open();
    const y = g.matMul(x, w);
    const steps = [...g.steps];
    const taken: string[] = [];
    const [dx, dw] = vjp(g, steps, new Map([[y, g.input("u", "float32", y.shape)]]), [x, w], (_rule, { inputs }, place) => {
      if (inputs[place]?.name !== "w") return false;
      taken.push("w");
      return true;
    });
    expect(taken).toEqual(["w"]);
    expect(dx?.shape).toEqual(x.shape);
    expect(dw).toBeUndefined();
  });

  it("say on whose behalf each derivative step is written", () => {
    const { g, x } = open();
    g.origin = "act";
    const y = g.unary("Tanh", x);
    g.origin = "";
    const steps = [...g.steps];
    vjp(g, steps, new Map([[y, g.input("u", "float32", y.shape)]]), [x]);
    expect(new Set(g.steps.map((step) => step.name))).toEqual(new Set(["act"]));
  });
});

describe("the tables", () => {
  it("hold every operator once", () => {
    const keys = rules.map((r) => keyOf(r.domain, r.op));
    expect(new Set(keys).size).toBe(keys.length);
    const lowered = lowerings.map((l) => keyOf(l.domain, l.op));
    expect(new Set(lowered).size).toBe(lowered.length);
  });
});
