import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema, TensorProto_DataLocation } from "../../../src/onnx/proto/onnx_pb.ts";
import { writeModel } from "../../../src/onnx/write.ts";
import { graph, type SmallModel } from "../onnx/small-model.ts";

/** A folder of its own for one test file. */
export const scratch = (): string => mkdtempSync(path.join(tmpdir(), "lens-models-"));

/** A model as a file, changed by `edit` on its message. */
export const modelFile = (folder: string, name: string, { opset = 17, opsets = {}, functions = [], ...parts }: SmallModel, edit: (proto: ModelProto) => void = () => undefined): string => {
  const proto = fromBinary(ModelProtoSchema, writeModel(graph(parts), new Map([["", opset], ...Object.entries(opsets)]), functions));
  edit(proto);
  const file = path.join(folder, name);
  writeFileSync(file, toBinary(ModelProtoSchema, proto));
  return file;
};

/** Moves the stored tensors into a file beside the model, each at a multiple of 64 bytes. */
export const moveWeightsOut = (folder: string, location: string) => (proto: ModelProto): void => {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const tensor of proto.graph?.initializer ?? []) {
    const padded = new Uint8Array(Math.ceil(tensor.rawData.length / 64) * 64);
    padded.set(tensor.rawData);
    tensor.externalData = [["location", location], ["offset", String(at)], ["length", String(tensor.rawData.length)]].map(([key = "", value = ""]) => ({ $typeName: "onnx.StringStringEntryProto", key, value }));
    tensor.rawData = new Uint8Array();
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    parts.push(padded);
    at += padded.length;
  }
  writeFileSync(path.join(folder, location), Buffer.concat(parts));
};

/** Narrows every float32 tensor and type to float16; the numbers must be such that nothing is lost. */
export const narrow = (proto: ModelProto): void => {
  for (const tensor of proto.graph?.initializer ?? []) {
    if (tensor.dataType !== 1) continue;
    const wide = new Float32Array(tensor.rawData.slice().buffer);
    const patterns = Uint16Array.from(wide, (x) => {
      if (x === 0) return 0;
      const e = Math.floor(Math.log2(Math.abs(x)));
      return (x < 0 ? 0x8000 : 0) | ((e + 15) * 1024 + (Math.abs(x) / 2 ** e - 1) * 1024);
    });
    tensor.rawData = new Uint8Array(patterns.buffer);
    tensor.dataType = 10;
  }
  for (const info of [...(proto.graph?.input ?? []), ...(proto.graph?.output ?? [])]) if (info.type?.value.case === "tensorType" && info.type.value.value.elemType === 1) info.type.value.value.elemType = 10;
};
