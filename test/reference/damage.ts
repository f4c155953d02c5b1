import { readFileSync, writeFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, OperatorSetIdProtoSchema, type ModelProto } from "../../src/onnx/proto/onnx_pb.ts";

/** Writes `from` to `to` with its messages changed by `edit`. */
export const editModel = (from: string, to: string, edit: (model: ModelProto) => void): void => {
  const model = fromBinary(ModelProtoSchema, readFileSync(from));
  edit(model);
  writeFileSync(to, toBinary(ModelProtoSchema, model));
};

/** Puts NaN in place of one float32 element of a weight. */
export const poison = (model: ModelProto, weight: string, element: number): void => {
  const tensor = model.graph?.initializer.find(({ name }) => name === weight);
  if (tensor?.rawData === undefined) throw new Error(`${weight} has no raw data`);
  const bytes = new Uint8Array(tensor.rawData); // slice() of a Buffer would be a view
  new DataView(bytes.buffer).setFloat32(4 * element, NaN, true);
  tensor.rawData = bytes;
};

/** Makes every node of one operator another operator of another domain. */
export const replaceOperator = (model: ModelProto, operator: string, by: { readonly operator: string; readonly domain: string }): void => {
  for (const node of model.graph?.node ?? []) {
    if (node.opType !== operator) continue;
    node.opType = by.operator;
    node.domain = by.domain;
  }
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: by.domain, version: 1n }));
};
