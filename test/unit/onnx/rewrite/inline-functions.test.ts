import { describe, expect, it } from "vitest";
import type { Attribute, LocalFunction, Node } from "../../../../src/onnx/graph.ts";
import { inlineFunctions } from "../../../../src/onnx/rewrite/inline-functions.ts";
import { body, model, node, numbers, operators, ramp, run, value } from "../small-model.ts";

const reference = (name: string): Attribute => ({ type: "reference", value: name });

const local = (name: string, inputs: readonly string[], outputs: readonly string[], nodes: readonly Node[], more: Partial<LocalFunction> = {}): LocalFunction => ({ domain: "custom", name, overload: "", inputs, outputs, defaults: {}, nodes, opsets: new Map([["", 17]]), ...more });

const x = value("x", ["n", 3]);
const opsets = { custom: 1 };
const feeds = { x: ramp(2, 3) };

/** leaky(x) = LeakyRelu with the slope of the call, 0.5 where the call gives none. */
const leaky = local("Leaky", ["a"], ["b"], [{ ...node("LeakyRelu", ["a"], ["b"]), attributes: { alpha: reference("slope") } }], { defaults: { slope: { type: "float", value: 0.5 } } });

const inlined = (parts: Parameters<typeof model>[0]): ReturnType<typeof model> => inlineFunctions(model({ opsets, ...parts }), {}).model;

describe("a local function", () => {
  it("is replaced by its nodes, with the attribute of the call", async () => {
    const made = inlined({ nodes: [node("Leaky", ["x"], ["y"], { slope: { float: 0.1 } }, "custom")], inputs: [x], outputs: ["y"], functions: [leaky] });
    expect([operators(made), made.functions]).toEqual([["LeakyRelu"], []]);
    expect(numbers((await run(made, feeds)).y)).toEqual(Array.from(ramp(2, 3).data as Float32Array, (v) => Math.fround(v < 0 ? Math.fround(0.1) * v : v)));
  });

  it("takes the default of an attribute that the call leaves out", async () => {
    const made = inlined({ nodes: [node("Leaky", ["x"], ["y"], {}, "custom")], inputs: [x], outputs: ["y"], functions: [leaky] });
    expect(numbers((await run(made, feeds)).y)[1]).toBeCloseTo(-0.1, 7);
  });

  it("leaves out an attribute that is neither given nor has a default", () => {
    const bare = local("Leaky", ["a"], ["b"], [{ ...node("LeakyRelu", ["a"], ["b"]), attributes: { alpha: reference("slope") } }]);
    expect(inlined({ nodes: [node("Leaky", ["x"], ["y"], {}, "custom")], inputs: [x], outputs: ["y"], functions: [bare] }).graph.nodes[0]?.attributes).toEqual({});
  });

  it("may call functions, hand attributes on, and be called twice: inner names never clash", async () => {
    const twice = local("Twice", ["a"], ["c"], [{ ...node("Leaky", ["a"], ["t"], {}, "custom"), attributes: { slope: reference("s") } }, node("Add", ["t", "a"], ["c"])], { opsets: new Map([["", 17], ["custom", 1]]) });
    const made = inlined({
      nodes: [node("Neg", ["x"], ["t"]), node("Twice", ["t"], ["u"], { s: { float: 0 } }, "custom"), node("Twice", ["u"], ["y"], { s: { float: 0 } }, "custom")],
      inputs: [x], outputs: ["y"], functions: [leaky, twice],
    });
    expect(operators(made)).toEqual(["Neg", "LeakyRelu", "Add", "LeakyRelu", "Add"]);
    const f = (v: number): number => v + Math.max(0, v);
    const expected = Array.from(ramp(2, 3).data as Float32Array, (v) => f(f(-v)));
    numbers((await run(made, feeds)).y).forEach((v, i) => { expect(v).toBeCloseTo(expected[i] ?? NaN, 6); });
  });

  it("is told from another of its name by the overload", () => {
    const other = { ...leaky, overload: "second", nodes: [node("Relu", ["a"], ["b"])] };
    const made = inlined({ nodes: [{ ...node("Leaky", ["x"], ["y"], {}, "custom"), overload: "second" }], inputs: [x], outputs: ["y"], functions: [leaky, other] });
    expect(operators(made)).toEqual(["Relu"]);
  });

  it("may leave inputs and outputs out, and hand an input on as it is", async () => {
    const pass = local("Pass", ["a", "b"], ["c", "d"], [node("Neg", ["a"], ["c"])]);
    const first = inlined({ nodes: [node("Pass", ["x"], ["y"], {}, "custom")], inputs: [x], outputs: ["y"], functions: [pass] });
    expect(operators(first)).toEqual(["Neg"]);
    const through = local("Through", ["a"], ["a"], []);
    const second = inlined({ nodes: [node("Through", ["x"], ["y"], {}, "custom")], inputs: [x], outputs: ["y"], functions: [through] });
    expect(numbers((await run(second, feeds)).y)).toEqual(numbers(ramp(2, 3)));
  });

  it("is inlined inside of branches, whose own names do not hide what it is given", async () => {
    const add = local("AddTo", ["a", "b"], ["t"], [node("Add", ["a", "b"], ["t"])]);
    const branch = (op: string): Attribute => body({ nodes: [node(op, ["x"], ["t"]), node("AddTo", ["t", "x"], ["r"], {}, "custom")], outputs: ["r"] });
    const made = inlined({ nodes: [node("If", ["flag"], ["y"], { then_branch: branch("Neg"), else_branch: branch("Abs") })], inputs: [x, value("flag", [], "bool")], outputs: ["y"], functions: [add] });
    const y = numbers((await run(made, { ...feeds, flag: { dtype: "bool", shape: [], data: Uint8Array.of(1) } })).y);
    expect(y).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("that calls itself is refused", () => {
    const loop = local("Loop", ["a"], ["b"], [node("Loop", ["a"], ["b"], {}, "custom")]);
    expect(() => inlined({ nodes: [node("Loop", ["x"], ["y"], {}, "custom")], inputs: [x], outputs: ["y"], functions: [loop] })).toThrow(expect.objectContaining({ code: "MODEL_FUNCTION" }));
  });

  it("written in another opset than the model is refused with the way to convert it", () => {
    const old = { ...leaky, opsets: new Map([["", 11]]) };
    expect(() => inlined({ nodes: [node("Leaky", ["x"], ["y"], {}, "custom")], inputs: [x], outputs: ["y"], functions: [old] })).toThrow(/written in opset 11, the model in opset 17/);
  });

  it("brings along an operator set that only it uses", () => {
    const gelu = local("G", ["a"], ["b"], [node("Gelu", ["a"], ["b"], {}, "com.microsoft")], { opsets: new Map([["", 17], ["com.microsoft", 1]]) });
    const made = inlined({ nodes: [node("G", ["x"], ["y"], {}, "custom")], inputs: [x], outputs: ["y"], functions: [gelu] });
    expect(made.opsets.get("com.microsoft")).toBe(1);
  });
});
