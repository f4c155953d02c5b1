import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { AttributeProto_AttributeType as Kind, type GraphProtoSchema, ModelProtoSchema, TensorProto_DataLocation } from "../../../src/onnx/proto/onnx_pb.ts";
import { readModel } from "../../../src/onnx/read.ts";
import { rewriteModel } from "../../../src/onnx/rewrite/index.ts";
import { numbers, ramp, run } from "./small-model.ts";

type Plain<T> = Exclude<T, { readonly $typeName: string }>;
type ModelParts = Plain<MessageInitShape<typeof ModelProtoSchema>>;

const bytes = (graph: Plain<MessageInitShape<typeof GraphProtoSchema>>, more: ModelParts = {}): Uint8Array => toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ domain: "", version: 17n }], graph, ...more }));

const tensorType = (elemType: number, dims: readonly number[]) => ({ value: { case: "tensorType" as const, value: { elemType, shape: { dim: dims.map((d) => ({ value: { case: "dimValue" as const, value: BigInt(d) } })) } } } });

const halfWords = (...patterns: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(patterns).buffer);

/** x (float16) · w (float16) + c (a float16 Constant), cast to bfloat16. */
const halfModel = (): Uint8Array => bytes({
  node: [
    { opType: "MatMul", input: ["x", "w"], output: ["a"] },
    { opType: "Constant", output: ["c"], attribute: [{ name: "value", type: Kind.TENSOR, t: { dataType: 10, dims: [1n], rawData: halfWords(0x3c00) } }] },
    { opType: "Add", input: ["a", "c"], output: ["b"] },
    { opType: "Cast", input: ["b"], output: ["y"], attribute: [{ name: "to", type: Kind.INT, i: 16n }] },
  ],
  input: [{ name: "x", type: tensorType(10, [2, 3]) }],
  output: [{ name: "y", type: tensorType(16, [2, 1]) }],
  initializer: [{ name: "w", dataType: 10, dims: [3n, 1n], rawData: halfWords(0x3c00, 0x4000, 0x4200) }],
});

describe("reading a model", () => {
  it("holds half precision as float32 throughout, so that the whole model runs in it", async () => {
    const model = readModel(halfModel(), "half.onnx");
    expect(model.widened).toEqual(["float16", "bfloat16"]);
    expect([model.graph.inputs[0]?.dtype, model.graph.outputs[0]?.dtype, model.graph.initializers.get("w")?.dtype]).toEqual(["float32", "float32", "float32"]);
    const { y } = await run(rewriteModel(model).model, { x: ramp(2, 3) });
    expect([y?.dtype, numbers(y).map((v) => Number(v.toFixed(5)))]).toEqual(["float32", [1 + 0.1 - 0.4 + 0.9, 1 - 0.4 + 1 - 1.8].map((v) => Number(v.toFixed(5)))]);
  });

  it("carries local functions with their attributes, defaults and operator sets", () => {
    const model = readModel(bytes({ output: [{ name: "y" }] }, { functions: [{ domain: "custom", name: "F", overload: "second", input: ["a"], output: ["b"], attribute: ["needed"], attributeProto: [{ name: "slope", type: Kind.FLOAT, f: 0.5 }], opsetImport: [{ domain: "", version: 17n }], node: [{ opType: "LeakyRelu", input: ["a"], output: ["b"], attribute: [{ name: "alpha", type: Kind.FLOAT, refAttrName: "slope" }] }] }] }), "f.onnx");
    expect(model.functions).toEqual([{
      domain: "custom", name: "F", overload: "second", inputs: ["a"], outputs: ["b"], defaults: { slope: { type: "float", value: 0.5 } }, opsets: new Map([["", 17]]),
      nodes: [{ op: "LeakyRelu", domain: "", name: "b", inputs: ["a"], outputs: ["b"], attributes: { alpha: { type: "reference", value: "slope" } } }],
    }]);
  });

  it("reads tensors of other files when they are asked for, not before, and by ranges", () => {
    const reads: [number, number][] = [];
    const read = (_: string, offset: number, length: number): Uint8Array => { reads.push([offset, length]); return new Uint8Array(length); };
    const model = readModel(bytes({ output: [{ name: "y" }], initializer: [{ name: "w", dataType: 1, dims: [1000n], dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: [{ key: "location", value: "w.bin" }, { key: "offset", value: "4096" }] }] }), "big.onnx", read);
    const w = model.graph.initializers.get("w");
    expect([w?.shape, w?.dtype, reads]).toEqual([[1000], "float32", []]);
    expect(w?.loadRange?.(100, 10)).toHaveLength(10);
    expect(reads).toEqual([[4096 + 400, 40]]);
    expect(w?.load().data).toHaveLength(1000);
    expect(reads).toHaveLength(2);
  });

  it("leaves initializers out of the inputs, among which old files list them too", () => {
    const model = readModel(bytes({ input: [{ name: "x", type: tensorType(1, [1]) }, { name: "w", type: tensorType(1, [1]) }], output: [{ name: "y" }], initializer: [{ name: "w", dataType: 1, dims: [1n], floatData: [2] }] }), "old.onnx");
    expect(model.graph.inputs.map((i) => i.name)).toEqual(["x"]);
  });

  it.each([
    ["bytes that end too soon", () => halfModel().subarray(0, 40), "MODEL_DAMAGED"],
    ["a file of something else", () => new TextEncoder().encode("hello, this is not a model"), "MODEL_DAMAGED"],
    ["a model without operator sets", () => bytes({ output: [{ name: "y" }] }, { opsetImport: [] }), "MODEL_DAMAGED"],
    ["a graph without outputs", () => bytes({}), "MODEL_DAMAGED"],
    ["sparse weights", () => bytes({ output: [{ name: "y" }], sparseInitializer: [{}] }), "MODEL_SPARSE"],
    ["weights that are strings", () => bytes({ output: [{ name: "y" }], initializer: [{ name: "w", dataType: 8, dims: [1n] }] }), "MODEL_DTYPE"],
  ])("refuses %s", (_, make, code) => {
    expect(() => readModel(make(), "bad.onnx")).toThrow(expect.objectContaining({ code }));
  });
});
