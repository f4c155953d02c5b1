import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { random } from "../../../src/core/random.ts";
import { TensorProtoSchema, TensorProto_DataLocation, type TensorProto } from "../../../src/onnx/proto/onnx_pb.ts";
import { decodeRange, decodeTensor } from "../../../src/onnx/tensor-data.ts";

const tensor = (dataType: number, dims: readonly number[], more: Parameters<typeof create<typeof TensorProtoSchema>>[1]): TensorProto => create(TensorProtoSchema, { name: "w", dataType, dims: dims.map(BigInt), ...more });

const words = (...patterns: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(patterns).buffer);

const external = (dataType: number, dims: readonly number[], entries: Readonly<Record<string, string>>): TensorProto =>
  tensor(dataType, dims, { dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: Object.entries(entries).map(([key, value]) => ({ key, value })) });

/** A file of bytes 0, 1, 2 … that remembers what was read of it. */
const file = () => {
  const reads: string[] = [];
  return { reads, read: (location: string, offset: number, length: number): Uint8Array => { reads.push(`${location}:${offset}+${length}`); return Uint8Array.from({ length }, (_, i) => (offset + i) % 256); } };
};

describe("narrow types are held in the next wider one", () => {
  it.each([
    ["float16", 10, words(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x8000), [1, -2, 2 ** -24, 65504, Infinity, -Infinity, -0]],
    ["bfloat16", 16, words(0x3f80, 0xc000, 0x0080, 0x7f80), [1, -2, 2 ** -126, Infinity]],
    ["float8e4m3fn", 17, Uint8Array.of(0x38, 0xb8, 0x7e, 0x01, 0x80), [1, -1, 448, 2 ** -9, -0]],
    ["float8e4m3fnuz", 18, Uint8Array.of(0x40, 0x7f, 0x01), [1, 240, 2 ** -10]],
    ["float8e5m2", 19, Uint8Array.of(0x3c, 0x7b, 0x7c, 0x01), [1, 57344, Infinity, 2 ** -16]],
    ["float8e5m2fnuz", 20, Uint8Array.of(0x40, 0x7f, 0x01), [1, 57344, 2 ** -17]],
    ["float4e2m1", 23, Uint8Array.of(0x21, 0xf7), [0.5, 1, 6, -6]],
  ] as const)("%s as float32", (_, code, rawData, expected) => {
    const held = decodeTensor(tensor(code, [expected.length], { rawData }));
    expect([held.dtype, Array.from(held.data as Float32Array)]).toEqual(["float32", [...expected]]);
  });

  it("NaN of each floating type stays NaN", () => {
    for (const [code, rawData] of [[10, words(0x7e00)], [16, words(0x7fc0)], [17, Uint8Array.of(0x7f)], [18, Uint8Array.of(0x80)], [19, Uint8Array.of(0x7d)], [20, Uint8Array.of(0x80)]] as const) {
      expect(decodeTensor(tensor(code, [1], { rawData })).data[0]).toBeNaN();
    }
  });

  it("int4 and uint4 as bytes, the first in the lower half, an odd one last", () => {
    expect(decodeTensor(tensor(22, [3], { rawData: Uint8Array.of(0x8f, 0x07) }))).toEqual({ dtype: "int8", shape: [3], data: Int8Array.of(-1, -8, 7) });
    expect(decodeTensor(tensor(21, [3], { rawData: Uint8Array.of(0x8f, 0x07) }))).toEqual({ dtype: "uint8", shape: [3], data: Uint8Array.of(15, 8, 7) });
  });

  it("from the typed field too, as older exporters write them", () => {
    expect(Array.from(decodeTensor(tensor(10, [2], { int32Data: [0x3c00, 0xc000] })).data as Float32Array)).toEqual([1, -2]);
    expect(decodeTensor(tensor(22, [3], { int32Data: [0x8f, 0x07] })).data).toEqual(Int8Array.of(-1, -8, 7));
  });

  it("every float16 number survives the way to float32 and back", () => {
    const seed = 16;
    const source = random(seed, "float16");
    const patterns = Array.from({ length: 500 }, () => Math.floor(source.uniform() * 0x7c00));
    const held = decodeTensor(tensor(10, [500], { rawData: words(...patterns) })).data as Float32Array;
    const back = Array.from(held, (x) => {
      const e = Math.max(-14, Math.floor(Math.log2(x)));
      return x < 2 ** -14 ? x * 2 ** 24 : (e + 15) * 1024 + (x / 2 ** e - 1) * 1024;
    });
    expect(back, `seed ${seed}`).toEqual(patterns);
  });
});

describe("a tensor that lies in another file", () => {
  it("is read where its entries say", () => {
    const { reads, read } = file();
    const held = decodeTensor(external(3, [2, 2], { location: "w.bin", offset: "8", length: "4" }), read);
    expect([reads, held]).toEqual([["w.bin:8+4"], { dtype: "int8", shape: [2, 2], data: Int8Array.of(8, 9, 10, 11) }]);
  });

  it.each([[1, 4, 4 * 10, 4 * 3], [11, 8, 8 * 10, 8 * 3], [10, 2, 2 * 10, 2 * 3], [22, 0.5, 5, 2]])("is read by ranges: of type %i only the bytes asked for", (code, _, from, length) => {
    const { reads, read } = file();
    expect(decodeRange(external(code, [100], { location: "w.bin", offset: "64" }), read, 10, 3)).toHaveLength(3);
    expect(reads).toEqual([`w.bin:${64 + from}+${length}`]);
  });

  it("is refused when it has another size than its shape asks for, or is not named", () => {
    const { read } = file();
    expect(() => decodeTensor(external(1, [4], { location: "w.bin", length: "12" }), read)).toThrow(expect.objectContaining({ code: "MODEL_TENSOR" }));
    expect(() => decodeTensor(external(1, [4], {}), read)).toThrow(/does not name it/);
    expect(() => decodeTensor(external(1, [4], { location: "w.bin" }))).toThrow(/cannot be read here/);
    expect(() => decodeTensor(external(1, [4], { location: "w.bin", offset: "-1" }), read)).toThrow(/impossible range/);
  });
});

describe("a range of a tensor inside the model", () => {
  const content = Float32Array.from({ length: 10 }, (_, i) => i);

  it("equals that part of the whole, from raw bytes and from the typed field", () => {
    expect(decodeRange(tensor(1, [2, 5], { rawData: new Uint8Array(content.buffer) }), undefined, 3, 4)).toEqual(Float32Array.of(3, 4, 5, 6));
    expect(decodeRange(tensor(1, [2, 5], { floatData: [...content] }), undefined, 3, 4)).toEqual(Float32Array.of(3, 4, 5, 6));
  });
});

describe("what is not held", () => {
  it("strings and complex numbers are refused by their names", () => {
    expect(() => decodeTensor(tensor(8, [1], {}))).toThrow(/element type string/);
    expect(() => decodeTensor(tensor(14, [1], {}))).toThrow(/element type complex64/);
  });

  it("a tensor with too few bytes is refused with both numbers", () => {
    expect(() => decodeTensor(tensor(10, [4], { rawData: words(1, 2, 3) }))).toThrow(/should hold 4 values of type float16 \(shape \[4\]\) and holds 6 bytes/);
  });
});
