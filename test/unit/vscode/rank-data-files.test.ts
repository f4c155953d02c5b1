import { describe, expect, it } from "vitest";
import { rankDataFiles } from "../../../src/vscode/pick/rank-data-files.ts";

const files = ["/ws/z.csv", "/ws/runs/data.npz", "/ws/runs/test.npz", "/ws/runs/train.csv", "/ws/runs/train.npz", "/ws/data/train.npz", "/ws/runs/clean/weights.npy"];

describe("the data files proposed for a model", () => {
  it("are those near it first, train before test before data", () => {
    expect(rankDataFiles("/ws/runs/net.onnx", files, undefined)).toEqual([
      "/ws/runs/train.npz", "/ws/runs/train.csv", "/ws/runs/test.npz", "/ws/runs/data.npz", "/ws/runs/clean/weights.npy", "/ws/z.csv", "/ws/data/train.npz",
    ]);
  });

  it("begin with the one used last", () => {
    expect(rankDataFiles("/ws/runs/net.onnx", files, "/ws/z.csv")[0]).toBe("/ws/z.csv");
  });

  it("are all there, whatever the order they came in", () => {
    const backwards = rankDataFiles("/ws/net.onnx", [...files].reverse(), "/elsewhere.npz");
    expect(backwards).toEqual(rankDataFiles("/ws/net.onnx", files, undefined));
    expect(new Set(backwards)).toEqual(new Set(files));
  });
});
