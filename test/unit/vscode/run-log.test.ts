import { describe, expect, it } from "vitest";
import { levelOf } from "../../../src/vscode/run-log.ts";

describe("a worker's line in the log", () => {
  it.each([
    ["2025-01-02 03:04:05.678 [E:onnxruntime:Default, provider_bridge_ort.cc:2167 TryGetProviderInfo_CUDA] Failed to load library", "error"],
    ["[F:onnxruntime:, main.cc:1] gave up", "error"],
    ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "error"],
    ["terminate called after throwing an instance of 'std::bad_alloc'", "error"],
    ["2025-01-02 03:04:05.678 [W:onnxruntime:, session_state.cc:1166 VerifyEachNodeIsAssignedToAnEp] Some nodes were not assigned", "warn"],
    ["Warning: something else", "info"],
  ])("%s has the level %s", (line, level) => {
    expect(levelOf(line)).toBe(level);
  });
});
