import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { float32, int64, type Tensor } from "../../src/core/tensor.ts";
import { writeNpz } from "../../src/data/write-npy.ts";
import { readArray } from "./arrays.ts";
import { jacobianLens, scratch, inRepository } from "./command-line.ts";
import { editModel, poison, replaceOperator } from "./damage.ts";

const MODEL = inRepository("test/fixtures/reference/mlp-relu/model.onnx");
const DATA = inRepository("test/fixtures/reference/mlp-relu/data.npz");

const folder = scratch();
const file = (name: string): string => path.join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let x: Float32Array;
let y: number[];

const writeData = (name: string, arrays: Readonly<Record<string, Tensor>>): void => {
  writeFileSync(file(name), writeNpz(arrays));
};

beforeAll(async () => {
  x = Float32Array.from(await readArray(DATA, "x"));
  y = Array.from(await readArray(DATA, "y"));
  const whole = readFileSync(MODEL);
  writeFileSync(file("truncated.onnx"), whole.subarray(0, whole.length >> 1));
  writeFileSync(file("text.onnx"), "This is not a model.\n".repeat(20));
  editModel(MODEL, file("nan-weight.onnx"), (model) => { poison(model, "2.weight", 5); });
  editModel(MODEL, file("no-rule.onnx"), (model) => { replaceOperator(model, "Relu", { operator: "Normalizer", domain: "ai.onnx.ml" }); });
  writeData("narrow.npz", { x: float32([40, 63], x.subarray(0, 40 * 63)), y: int64([40], y) });
  writeData("nan-data.npz", { x: float32([40, 64], x.map((value, i) => (i === 64 * 7 + 3 ? NaN : value))), y: int64([40], y) });
  writeData("label-10.npz", { x: float32([40, 64], x), y: int64([40], y.map((value, i) => (i === 12 ? 10 : value))) });
  writeData("label-negative.npz", { x: float32([40, 64], x), y: int64([40], y.map((value, i) => (i === 3 ? -1 : value))) });
  writeData("short-labels.npz", { x: float32([40, 64], x), y: int64([39], y.slice(0, 39)) });
  writeFileSync(file("truncated.npz"), readFileSync(DATA).subarray(0, 3000));
});

interface Row {
  readonly what: string;
  readonly model?: string;
  readonly data?: string;
  readonly options?: readonly string[];
  readonly status: number;
  readonly code: string;
  /** What the message must name. */
  readonly names: RegExp;
}

const ROWS: readonly Row[] = [
  { what: "a model that is not there", model: "absent.onnx", status: 3, code: "MODEL_MISSING", names: /absent\.onnx/ },
  { what: "a model cut off half way", model: "truncated.onnx", status: 3, code: "MODEL_DAMAGED", names: /truncated\.onnx/ },
  { what: "a text file called .onnx", model: "text.onnx", status: 3, code: "MODEL_DAMAGED", names: /text\.onnx/ },
  { what: "NaN in a weight", model: "nan-weight.onnx", status: 3, code: "MODEL_NAN", names: /2\.weight/ },
  { what: "an operator without a rule", model: "no-rule.onnx", options: ["--method", "krylov"], status: 4, code: "OPERATOR_RULE", names: /Normalizer/ },
  { what: "a data file that is not there", data: "absent.npz", status: 3, code: "DATA_MISSING", names: /absent\.npz/ },
  { what: "a data file cut off", data: "truncated.npz", status: 3, code: "NPZ_DAMAGED", names: /truncated\.npz/ },
  { what: "x of a shape that the model does not take", data: "narrow.npz", status: 3, code: "DATA_SHAPE", names: /63/ },
  { what: "NaN in the data", data: "nan-data.npz", status: 3, code: "DATA_NAN", names: /x\[7, 3\]/ },
  { what: "a label above K − 1", data: "label-10.npz", status: 3, code: "LABEL_RANGE", names: /10/ },
  { what: "a negative label", data: "label-negative.npz", status: 3, code: "LABEL_RANGE", names: /-1/ },
  { what: "fewer labels than samples", data: "short-labels.npz", status: 3, code: "DATA_LENGTH", names: /39/ },
  { what: "more samples than there are", options: ["--samples", "41"], status: 3, code: "DATA_SAMPLES", names: /40/ },
  { what: "an array that the file has not", options: ["--x", "images"], status: 3, code: "DATA_ARRAY_NAME", names: /images/ },
  { what: "parameters that match nothing", options: ["--parameters", "encoder.*"], status: 2, code: "PARAMETER_UNKNOWN", names: /encoder/ },
  { what: "an unknown option", options: ["--ranks", "3"], status: 2, code: "USAGE_OPTION", names: /--ranks/ },
  { what: "a rank that is no number", options: ["--rank", "many"], status: 2, code: "USAGE_VALUE", names: /many/ },
];

describe("analyze", () => {
  it.each(ROWS)("$what: exit $status, $code, and a hint", async ({ model, data, options = [], status, code, names }) => {
    const outcome = await jacobianLens("analyze", model === undefined ? MODEL : file(model), "--data", data === undefined ? DATA : file(data), ...options, "--quiet");
    const [error = "", hint = "", ...rest] = outcome.stderr.trimEnd().split("\n");
    expect(error).toMatch(new RegExp(`^error ${code}: `));
    expect(error).toMatch(names);
    expect(hint).toMatch(/^hint: \S.{10,}/);
    expect({ status: outcome.status, stdout: outcome.stdout, rest }).toEqual({ status, stdout: "", rest: [] });
  });
});

describe("operators", () => {
  it("lists what is missing and ends with 1", async () => {
    const { status, stdout } = await jacobianLens("operators", file("no-rule.onnx"));
    expect(status).toBe(1);
    expect(stdout).toMatch(/Normalizer/);
  });

  it("ends with 0 for a model that is covered", async () => {
    expect((await jacobianLens("operators", MODEL)).status).toBe(0);
  });
});
