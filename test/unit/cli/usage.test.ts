import { expect, it } from "vitest";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import { LATER_OPTIONS } from "../../../src/cli/arguments/options.ts";
import { commands, LATER_COMMANDS } from "../../../src/cli/commands/index.ts";
import { runWith, sampleResult } from "./fakes.ts";

const ANALYZE = ["analyze", "net.onnx", "--data", "d.npz"];
const PRODUCT = ["product", "net.onnx", "--data", "d.npz"];

/** Wrong usage: arguments, the code and what the message says. */
const WRONG: readonly (readonly [string, readonly string[], string, RegExp])[] = [
  ["an unknown command", ["analyse", "net.onnx"], "USAGE_COMMAND", /^analyse: there is no such command/],
  ["an unknown option", [...ANALYZE, "--rnak", "3"], "USAGE_OPTION", /^--rnak: analyze has no such option/],
  ["an option of another command", ["doctor", "--data", "d.npz"], "USAGE_OPTION", /^--data: doctor has no such option/],
  ["no model", ["analyze", "--data", "d.npz"], "USAGE_MISSING", /^MODEL: is missing/],
  ["no data", ["analyze", "net.onnx"], "USAGE_MISSING", /^--data FILE: is missing/],
  ["two models", [...ANALYZE, "other.onnx"], "USAGE_EXTRA", /^other.onnx: is one argument too many/],
  ["an option without its value", ["analyze", "net.onnx", "--data"], "USAGE_VALUE", /^--data: needs a value/],
  ["a flag with a value", [...ANALYZE, "--shuffle=yes"], "USAGE_VALUE", /^--shuffle: takes no value/],
  ["an option given twice", [...ANALYZE, "--seed", "1", "--seed", "2"], "USAGE_TWICE", /^--seed: is given more than once/],
  ["two cut-offs", [...ANALYZE, "--rank", "3", "--alpha", "0.5"], "USAGE_CONFLICT", /^--rank and --alpha: only one cut-off/],
  ["a rank of zero", [...ANALYZE, "--rank", "0"], "USAGE_VALUE", /^--rank 0: is not a whole number of at least 1/],
  ["a fractional number of samples", [...ANALYZE, "--samples", "1.5"], "USAGE_VALUE", /^--samples 1.5/],
  ["a number that is text", [...ANALYZE, "--alpha", "1e"], "USAGE_VALUE", /^--alpha 1e: is not a number above 0/],
  ["a share above one", [...ANALYZE, "--energy", "90"], "USAGE_VALUE", /^--energy 90: is not a number above 0 and at most 1/],
  ["a negative learning rate", [...ANALYZE, "--learning-rate=-0.1"], "USAGE_VALUE", /^--learning-rate -0.1/],
  ["a seed beyond 32 bits", [...ANALYZE, "--seed", "4294967296"], "USAGE_VALUE", /^--seed 4294967296/],
  ["a size without a unit", [...ANALYZE, "--memory", "4"], "USAGE_VALUE", /^--memory 4: is not a size with a unit/],
  ["a size for a cache that is not asked for", [...ANALYZE, "--cache-size", "1GiB"], "USAGE_CONFLICT", /^--cache-size: there is no --cache/],
  ["a size of an unknown unit", [...ANALYZE, "--memory", "4gib"], "USAGE_VALUE", /^--memory 4gib/],
  ["a time without a unit", [...ANALYZE, "--timeout", "10"], "USAGE_VALUE", /^--timeout 10: is not a time with a unit/],
  ["a time that no timer can wait", [...ANALYZE, "--timeout", "900h"], "USAGE_VALUE", /^--timeout 900h/],
  ["an unknown loss", [...ANALYZE, "--loss", "hinge"], "USAGE_VALUE", /^--loss hinge: is not one of l2, cross-entropy/],
  ["an unknown provider", [...ANALYZE, "--provider", "tpu"], "USAGE_VALUE", /^--provider tpu/],
  ["an unknown method", [...ANALYZE, "--method", "magic"], "USAGE_VALUE", /^--method magic/],
  ["a product by an unknown method", [...PRODUCT, "--jvp", "v.npz", "--out", "o.npy", "--method", "magic"], "USAGE_VALUE", /^--method magic/],
  ["a product without a vector", [...PRODUCT, "--out", "o.npy"], "USAGE_MISSING", /^--jvp V.npz or --vjp U.npy: is missing/],
  ["a product without a place for it", [...PRODUCT, "--jvp", "v.npz"], "USAGE_MISSING", /^--out FILE: is missing/],
  ["both products at once", [...PRODUCT, "--jvp", "v.npz", "--vjp", "u.npy", "--out", "o.npy"], "USAGE_CONFLICT", /^--jvp and --vjp/],
  ["a product into a file of the wrong kind", [...PRODUCT, "--vjp", "u.npy", "--out", "o.npy"], "USAGE_VALUE", /^--out o.npy: does not end in .npz/],
  ...Object.keys(LATER_OPTIONS).map((name) => [`--${name}, an option of a later version`, [...ANALYZE, `--${name}`, "1"], "USAGE_LATER", new RegExp(`^--${name}: .* is not part of this version`)] as const),
  ...Object.keys(LATER_COMMANDS).map((name) => [`${name}, a command of a later version`, [name, "a"], "USAGE_LATER", new RegExp(`^${name}: is not part of this version`)] as const),
];

it.each(WRONG)("%s is wrong usage, said in two lines", async (_, argv, code, says) => {
  const { status, out, error } = await runWith(argv);
  const [first = "", second = "", ...rest] = error.split("\n");
  expect([status, out, rest]).toEqual([2, "", [""]]);
  expect(first.startsWith(`error ${code}: `)).toBe(true);
  expect(first.slice(`error ${code}: `.length)).toMatch(says);
  expect(second).toMatch(/^hint: .{10,}/);
});

const requestOf = async (options: readonly string[]): Promise<AnalysisRequest> => {
  let seen: AnalysisRequest | undefined;
  const { status, error } = await runWith([...ANALYZE, ...options], { analyse: (request) => ((seen = request), Promise.resolve({ result: sampleResult(), gram: null })) });
  if (status !== 0 || !seen) throw new Error(error);
  return seen;
};

/** Options and the part of the request that they make. */
const MAKES: readonly (readonly [readonly string[], Partial<AnalysisRequest>])[] = [
  [[], {}],
  [["--x", "inputs", "--y", "digit"], { x: "inputs", y: "digit" }],
  [["--samples", "100", "--shuffle", "--seed", "0"], { samples: 100, shuffle: true, seed: 0 }],
  [["--parameters", "fc*", "--parameters", "!*.bias"], { parameters: ["fc*", "!*.bias"] }],
  [["--loss", "cross-entropy", "--method=auto", "--precision", "double", "--provider", "webgpu"], { loss: "cross-entropy", method: "auto", precision: "double", provider: "webgpu" }],
  [["--rank", "50"], { cutoff: { kind: "rank", value: 50 } }],
  [["--alpha", "1e-3"], { cutoff: { kind: "alpha", value: 1e-3 } }],
  [["--relative", "1"], { cutoff: { kind: "relative", value: 1 } }],
  [["--energy", ".9"], { cutoff: { kind: "energy", value: 0.9 } }],
  [["--learning-rate", "0.06", "--batch", "32"], { learningRate: 0.06, batch: 32 }],
  [["--memory", "1.5GiB"], { memory: 1.5 * 2 ** 30 }],
  [["--memory", "500MB", "--timeout", "1h30m"], { memory: 5e8 }],
];

it.each(MAKES)("%j makes its part of the request and leaves the rest to the defaults", async (options, expected) => {
  expect(await requestOf(options)).toEqual({ model: "net.onnx", data: "d.npz", ...expected });
});

it("no arguments show the help on standard error", async () => {
  const { status, out, error } = await runWith([]);
  expect([status, out]).toEqual([2, ""]);
  expect(error).toContain("jacobian-lens analyze MODEL --data FILE");
});

it.each([["--help"], ["-h"], ["help"]])("%s shows every command of this version and none of a later one", async (argument) => {
  const { status, out, error } = await runWith([argument]);
  expect([status, error]).toEqual([0, ""]);
  for (const { name } of commands) expect(out).toContain(`jacobian-lens ${name}`);
  for (const name of Object.keys(LATER_COMMANDS)) expect(out).not.toContain(`jacobian-lens ${name}`);
});

it.each(commands.map(({ name, options }) => [name, options] as const))("%s --help lists its options", async (name, options) => {
  const { status, out } = await runWith([name, "--help"]);
  expect(status).toBe(0);
  for (const option of options) expect(out).toContain(`--${option}`);
  for (const option of Object.keys(LATER_OPTIONS)) expect(out).not.toMatch(new RegExp(`--${option}\\b`));
});

it("--version prints the version alone", async () => {
  expect(await runWith(["--version"])).toEqual({ status: 0, out: "9.8.7\n", error: "" });
});
