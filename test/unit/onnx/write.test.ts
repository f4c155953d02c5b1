import { describe, expect, it } from "vitest";
import type { Attributes } from "../../../src/onnx/graph.ts";
import { readModel } from "../../../src/onnx/read.ts";
import { writeModel } from "../../../src/onnx/write.ts";
import { body, graph, node, ramp, value } from "./small-model.ts";

describe("writing a model", () => {
  it("and reading it again gives the same graph: every type of attribute, subgraphs, symbols of shapes", () => {
    const attributes: Attributes = {
      a: { type: "float", value: 0.5 }, b: { type: "int", value: -(2n ** 63n) }, c: { type: "string", value: "naïve" }, d: { type: "floats", value: [1, 2] }, e: { type: "ints", value: [1n, 2n] },
      f: { type: "strings", value: ["x", "y"] }, g: { type: "tensor", value: ramp(2, 2) }, h: body({ nodes: [node("Neg", ["x"], ["t"])], outputs: ["t"] }), i: { type: "reference", value: "outer" },
    };
    const written = { ...graph({ nodes: [{ ...node("Op", ["x", "", "w"], ["y", ""], {}, "custom"), attributes, overload: "second" }], outputs: ["y"], tensors: { w: ramp(3) } }), inputs: [value("x", ["batch", 3, null])] };
    const found = readModel(writeModel(written, new Map([["", 17], ["custom", 2]])), "copy.onnx");
    expect(found.opsets).toEqual(new Map([["", 17], ["custom", 2]]));
    expect(found.graph.nodes[0]?.attributes.h?.type).toBe("graph");
    const plain = (all: Attributes): Attributes => Object.fromEntries(Object.entries(all).filter(([key]) => key !== "h"));
    expect({ ...found.graph.nodes[0], attributes: plain(found.graph.nodes[0]?.attributes ?? {}) }).toEqual({ ...written.nodes[0], attributes: plain(attributes) });
    expect([found.graph.inputs, found.graph.outputs]).toEqual([written.inputs, written.outputs]);
    expect(found.graph.initializers.get("w")?.load()).toEqual(ramp(3));
  });

  it("keeps local functions", () => {
    const local = { domain: "custom", name: "F", overload: "", inputs: ["a"], outputs: ["b"], defaults: { slope: { type: "float", value: 0.5 } }, nodes: [node("Neg", ["a"], ["b"])], opsets: new Map([["", 17]]) } as const;
    const found = readModel(writeModel(graph({ nodes: [node("F", ["x"], ["y"], {}, "custom")], inputs: [value("x", [3])], outputs: ["y"] }), new Map([["", 17], ["custom", 1]]), [local]), "f.onnx");
    expect(found.functions).toEqual([local]);
  });
});
