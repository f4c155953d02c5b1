import { spawnSync } from "node:child_process";
import path from "node:path";
import { buildSync } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { int64 } from "../../../src/core/tensor.ts";
import { writeModel } from "../../../src/onnx/write.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import { model, node, ramp, value } from "../onnx/small-model.ts";

const runtime = openRuntime("cpu", 1);

const bytesOf = ({ graph, opsets }: ReturnType<typeof model>): Uint8Array => writeModel(graph, opsets);

const padded = bytesOf(model({
  inputs: [value("x", [1, 1, 4, 4])], outputs: ["y"], tensors: { pads: int64([8], [0, 0, 2, 1, 0, 0, 0, 1]) },
  nodes: [node("Pad", ["x", "pads"], ["wide"]), node("AveragePool", ["wide"], ["y"], { kernel_shape: [1, 1], strides: [3, 2], count_include_pad: 1 })],
}));

/** Loads, and fails when it runs: there are 4 entries, and 3 are asked for. */
const breaking = bytesOf(model({ inputs: [value("x", ["n"])], outputs: ["y"], tensors: { three: int64([1], [3]) }, nodes: [node("Reshape", ["x", "three"], ["y"])] }));

const folder = mkdtempSync(path.join(tmpdir(), "ort-test-"));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe("ONNX Runtime", () => {
  it("loads a graph without its optimiser where that breaks the graph: padding before an average pooling with smaller windows", async () => {
    const session = await runtime.load(padded);
    const { y } = await session.run({ x: ramp(1, 1, 4, 4) });
    await session.dispose();
    expect(y!.shape).toEqual([1, 1, 2, 3]);
    [0, 0, 0, 0, -0.6, -0.8].forEach((entry, i) => { expect(Number(y!.data[i])).toBeCloseTo(entry, 6); });
  });

  it("says in one line why a graph cannot be loaded or run", async () => {
    const unknown = bytesOf(model({ inputs: [value("x", [4])], outputs: ["y"], nodes: [node("NoSuchOperator", ["x"], ["y"])] }));
    const loading = await runtime.load(unknown).catch((error: unknown) => error as Error);
    expect(loading).toMatchObject({ code: "RUNTIME_LOAD", message: expect.stringMatching(/^ONNX Runtime \(cpu\) could not load the graph: .*NoSuchOperator[^\n]*\S$/) as string });
    const session = await runtime.load(breaking);
    const running = await session.run({ x: ramp(4) }).catch((error: unknown) => error as Error);
    await session.dispose();
    expect(running).toMatchObject({ code: "RUNTIME_RUN", message: expect.stringMatching(/^ONNX Runtime could not run the graph: [^\n]*\S$/) as string });
  });

  it("writes nothing of its own to the standard error for what it throws", () => {
    writeFileSync(path.join(folder, "breaking.onnx"), breaking);
    const script = path.join(folder, "script.cjs");
    const source = `import { readFileSync } from "node:fs"; import { openRuntime } from ${JSON.stringify(path.resolve("src/runtime/ort.ts"))};
      const main = async () => {
        const runtime = openRuntime("cpu", 1);
        await runtime.load(new Uint8Array([8, 8, 58])).catch((e) => console.log(e.code));
        const session = await runtime.load(readFileSync(${JSON.stringify(path.join(folder, "breaking.onnx"))}));
        await session.run({ x: { dtype: "float32", shape: [4], data: new Float32Array(4) } }).catch((e) => console.log(e.code));
      };
      void main();`;
    symlinkSync(path.resolve("node_modules"), path.join(folder, "node_modules"), "dir");
    buildSync({ stdin: { contents: source, resolveDir: process.cwd(), loader: "ts" }, bundle: true, platform: "node", format: "cjs", external: ["onnxruntime-node"], outfile: script });
    const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
    expect(stdout.trim().split("\n")).toEqual(["RUNTIME_LOAD", "RUNTIME_RUN"]);
    expect(stderr).toBe("");
  });
});
