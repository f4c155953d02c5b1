import { describe, expect, it } from "vitest";
import type { Attributes } from "../../../src/onnx/graph.ts";
import { readModel } from "../../../src/onnx/read.ts";
import { writeModel } from "../../../src/onnx/write.ts";
import { Maker } from "../../families/maker.ts";
import { families } from "../../families/models/index.ts";
import { writtenByProtobufEs } from "./protobuf-es.ts";
import { body, bool, graph, node, ramp, value } from "./small-model.ts";

const SEED = 77;

/** Every type of attribute. */
const attributes: Attributes = {
  a: { type: "float", value: 0.5 }, b: { type: "int", value: -(2n ** 63n) }, c: { type: "string", value: "naïve" }, d: { type: "floats", value: [1, 2] }, e: { type: "ints", value: [1n, 2n] },
  f: { type: "strings", value: ["x", "y"] }, g: { type: "tensor", value: ramp(2, 2) }, h: body({ nodes: [node("Neg", ["x"], ["t"])], outputs: ["t"], tensors: { inner: ramp(2) } }), i: { type: "reference", value: "outer" },
};

describe("writing a model", () => {
  it("and reading it again gives the same graph: every type of attribute, subgraphs, symbols of shapes", () => {
    const written = { ...graph({ nodes: [{ ...node("Op", ["x", "", "w"], ["y", ""], {}, "custom"), attributes, overload: "second" }], outputs: ["y"], tensors: { w: ramp(3) } }), inputs: [value("x", ["batch", 3, null])] };
    const found = readModel(writeModel(written, new Map([["", 17], ["custom", 2]])), "copy.onnx");
    expect(found.opsets).toEqual(new Map([["", 17], ["custom", 2]]));
    expect(found.graph.nodes[0]?.attributes.h?.type).toBe("graph");
    const plain = (all: Attributes): Attributes => Object.fromEntries(Object.entries(all).filter(([key]) => key !== "h"));
    expect({ ...found.graph.nodes[0], attributes: plain(found.graph.nodes[0]?.attributes ?? {}) }).toEqual({ ...written.nodes[0], attributes: plain(attributes) });
    expect([found.graph.inputs, found.graph.outputs]).toEqual([written.inputs, written.outputs]);
    expect(found.graph.initializers.get("w")?.load()).toEqual(ramp(3));
  });

  it("gives the bytes of generated messages: numbers of every length, symbols, empty shapes, names beyond ASCII", () => {
    const numbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 53 - 1].flatMap((n) => [BigInt(n), -BigInt(n)]);
    const written = {
      ...graph({ nodes: [{ ...node("Op", ["x", "", "größe"], ["y", ""], {}, "custom"), attributes: { ...attributes, j: { type: "ints", value: [...numbers, 2n ** 63n - 1n, -(2n ** 63n)] }, k: { type: "floats", value: [NaN, -0, 1e-45, Infinity] } } }], outputs: ["y"], tensors: { größe: ramp(200), none: ramp(0, 3), one: bool(true) } }),
      inputs: [value("x", ["batch", 300, null]), value("scalar", [])],
    };
    const local = { domain: "custom", name: "F", overload: "o", inputs: ["a"], outputs: ["b"], defaults: attributes, nodes: [node("Neg", ["a"], ["b"])], opsets: new Map([["", 17]]) };
    const opsets = new Map([["", 17], ["custom", 2]]);
    expect(writeModel(written, opsets, [local])).toEqual(writtenByProtobufEs(written, opsets, [local]));
  });

  it.each(families.map((family) => [family.title, family] as const))(`gives the bytes of generated messages: %s (seed ${SEED})`, (_title, family) => {
    const maker = new Maker(SEED, family, family.opset ?? 21);
    const { graph: made, opsets } = maker.finish(family.build(maker));
    expect(Buffer.from(writeModel(made, opsets)).equals(writtenByProtobufEs(made, opsets))).toBe(true);
  });

  it("loads a stored tensor once", () => {
    let loads = 0;
    const counted = { name: "w", dtype: "float32", shape: [3], load: () => (loads++, ramp(3)) } as const;
    writeModel({ ...graph({ nodes: [node("Neg", ["w"], ["y"])], outputs: ["y"] }), initializers: new Map([["w", counted]]) }, new Map([["", 17]]));
    expect(loads).toBe(1);
  });

  it("keeps local functions", () => {
    const local = { domain: "custom", name: "F", overload: "", inputs: ["a"], outputs: ["b"], defaults: { slope: { type: "float", value: 0.5 } }, nodes: [node("Neg", ["a"], ["b"])], opsets: new Map([["", 17]]) } as const;
    const found = readModel(writeModel(graph({ nodes: [node("F", ["x"], ["y"], {}, "custom")], inputs: [value("x", [3])], outputs: ["y"] }), new Map([["", 17], ["custom", 1]]), [local]), "f.onnx");
    expect(found.functions).toEqual([local]);
  });
});
