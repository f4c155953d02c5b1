import { describe, expect, it } from "vitest";
import type { DoctorReport } from "../../../src/analysis/doctor.ts";
import type { InstallManifest } from "../../../src/gpu-setup/manifest.ts";
import type { GpuReport, Step } from "../../../src/gpu-setup/report.ts";
import { reportText, wrapped } from "../../../src/vscode/gpu/report-text.ts";
import { shortened } from "../../../src/vscode/gpu/short-text.ts";

const LIBRARIES = "missing libcudart.so.12 (only /usr/local/cuda-13.0/lib/libcudart.so.13, another version), libcublasLt.so.12, libcublas.so.12, libcurand.so.10, libcufft.so.11, libnvrtc.so.12, libcudnn.so.9";
const PROVIDER = "missing libonnxruntime_providers_cuda.so, libonnxruntime_providers_shared.so in /home/me/x (ONNX Runtime: Failed (twice) to load | Failed to load library)";

describe("a row of the list", () => {
  it.each([
    ["what is short already", "no NVIDIA GPU", 60, "no NVIDIA GPU"],
    ["asides in brackets, also nested, and the folder that was searched", PROVIDER, 80, "missing libonnxruntime_providers_cuda.so, libonnxruntime_providers_shared.so"],
    ["the end of a list, counted", LIBRARIES, 65, "missing libcudart.so.12, libcublasLt.so.12 and 5 more"],
    ["all of a list but its first, however long that is", PROVIDER, 20, "missing libonnxruntime_providers_cuda.so and 1 more"],
    ["all lines but the first", "Failed to get a WebGPU adapter: No supported adapters | Warning: Vulkan is old", 60, "Failed to get a WebGPU adapter: No supported adapters"],
    ["what follows a clause", "Install CUDA 12 and cuDNN 9: pip install nvidia-cuda-runtime-cu12 nvidia-cublas-cu12 nvidia-cudnn-cu12", 60, "Install CUDA 12 and cuDNN 9…"],
    ["words where there is no clause", "a reason without any mark in it at all", 20, "a reason without…"],
    ["letters where there is no word", "abcdefghijklmnopqrstuvwxyz", 10, "abcdefghi…"],
  ])("is without %s", (_, text, most, expected) => {
    expect(shortened(text, most)).toBe(expected);
  });
});

describe("the report", () => {
  it("has lines of a screen's width, what goes on below the last column, and leaves a word whole that is longer", () => {
    expect(wrapped("cuda    refused: one two three four", 20)).toEqual(["cuda    refused: one", "        two three", "        four"]);
    expect(wrapped("        to do: /a/path/that/is/long and more", 20)).toEqual(["        to do:", "        /a/path/that/is/long", "        and more"]);
    expect(wrapped("gpu   none", 20)).toEqual(["gpu   none"]);
    expect(wrapped("x".repeat(30), 20)).toEqual(["x".repeat(30)]);
  });

  it("says after the doctor's text what CUDA needs, each with what to do, in full", () => {
    const steps: readonly Step[] = [{ subject: "GPU", met: true, found: "NVIDIA L4", advice: null }, { subject: "CUDA libraries", met: false, found: LIBRARIES, advice: "pip install nvidia-cudnn-cu12" }];
    const gpu: Pick<GpuReport, "steps"> = { steps: { cuda: steps, webgpu: [] } };
    const lines = reportText("node  20\n\ncpu   usable\n", { gpu: gpu as DoctorReport["gpu"] }).split("\n");
    expect(lines.slice(0, 6)).toEqual(["node  20", "", "cpu   usable", "", "what cuda needs", "GPU               NVIDIA L4"]);
    expect(lines.join(" ").replace(/\s+/g, " ")).toContain(`CUDA libraries not met: ${LIBRARIES} to do: pip install nvidia-cudnn-cu12`);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(reportText("cpu   usable\n", { gpu: null })).toBe("cpu   usable\n");
  });

  it.each([[true, "its SHA-512 is the one that the feed publishes"], [false, "compared with no published hash: the feed had none"]])("says of what was installed whether it agrees with a published hash: %s", (agrees, said) => {
    const manifest: InstallManifest = { schema: 1, created: "", onnxruntime: "1.30.0", package: { name: "Gpu.Linux", version: "1.30.0", feed: "" }, fetched: { sha512: "", bytes: 1, agrees }, files: [] };
    const lines = reportText("cpu   usable\n", { gpu: null }, [{ folder: "/storage/onnxruntime-1.30.0-cuda12", manifest }]).split("\n");
    expect(lines.slice(2)).toEqual(["installed from here", `package           Gpu.Linux 1.30.0; ${said}`, "folder            /storage/onnxruntime-1.30.0-cuda12", ""]);
  });
});
