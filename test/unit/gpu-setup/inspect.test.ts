import { describe, expect, it } from "vitest";
import { inspectGpu } from "../../../src/gpu-setup/inspect.ts";
import { foldersToAdd, type GpuReport, obstacle } from "../../../src/gpu-setup/report.ts";
import { BIN, CUDA_12, inFolder, loaderCache, machineOf, nvidiaSmi, ONNXRUNTIME, PACKAGE, pciDevice, PROVIDERS, type Tree } from "./trees.ts";

const inspect = async (tree: Tree, folders: readonly string[] = []): Promise<GpuReport> => {
  const report = await inspectGpu(machineOf({ ...tree, files: { ...ONNXRUNTIME, ...tree.files } }), { packageFolder: PACKAGE, folders });
  if (report === null) throw new Error("onnxruntime-node is in the tree");
  return report;
};

const SYSTEM = "/usr/lib/x86_64-linux-gnu";
const NVIDIA_PCI = pciDevice("0000:01:00.0", "0x10de", "0x24b0");
const DRIVER_550 = { "ldconfig -p": loaderCache(SYSTEM, ["libcuda.so.1", "libvulkan.so.1"]), ...nvidiaSmi("550.54.14", "12.4") };
const NVIDIA = { files: { ...NVIDIA_PCI, ...PROVIDERS }, programs: DRIVER_550 };
const CUDNN = "libcudnn.so.9";

/** Computers, and the first thing that stands in CUDA's way there: its subject, a part of what is found and of the advice. */
const COMPUTERS: readonly (readonly [string, Tree, string | null, string, string])[] = [
  ["no GPU at all", {}, "GPU", "no NVIDIA GPU", "on the CPU"],
  ["an NVIDIA GPU without a driver", { files: NVIDIA_PCI }, "driver", "no NVIDIA driver", "525.60.13 or newer"],
  ["an old NVIDIA driver", { files: { ...NVIDIA_PCI, ...PROVIDERS }, programs: { "ldconfig -p": loaderCache(SYSTEM, ["libcuda.so.1"]), ...nvidiaSmi("470.223.02", "11.4") } }, "driver", "470.223.02 is too old for CUDA 12", "525.60.13"],
  ["a driver known by the kernel module only, old as well", { files: { ...NVIDIA_PCI, "/proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.57.02  Tue Jul 13 16:14:05 UTC 2021\n" } }, "driver", "470.57.02 is too old", "525.60.13"],
  ["a container without the driver's libcuda", { files: { ...NVIDIA_PCI, ...PROVIDERS, "/proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.14  Release Build\n" } }, "driver", "libcuda.so.1 is missing", "--gpus all"],
  ["a driver that hangs", { files: { ...NVIDIA_PCI, ...PROVIDERS }, hung: ["nvidia-smi"] }, "driver", "nvidia-smi gave no answer", "Restart the machine"],
  ["an nvidia-smi that knows of no driver", { files: NVIDIA_PCI, programs: { "nvidia-smi --query-gpu=driver_version --format=csv,noheader,nounits": "No devices were found\n" } }, "driver", "no NVIDIA driver", "525.60.13 or newer"],
  ["a good driver without the provider", { files: NVIDIA_PCI, programs: DRIVER_550 }, "provider library", "missing libonnxruntime_providers_cuda.so, libonnxruntime_providers_shared.so", "--onnxruntime-node-install in the folder"],
  ["CUDA without cuDNN", { files: { ...NVIDIA.files, ...inFolder("/opt/libs", CUDA_12) }, programs: DRIVER_550, env: { LD_LIBRARY_PATH: "/opt/libs" } }, "CUDA libraries", "missing libcudnn.so.9", "pip install nvidia-cudnn-cu12"],
  ["cuDNN of another major version", { files: { ...NVIDIA.files, ...inFolder("/opt/libs", [...CUDA_12, "libcudnn.so.8"]) }, programs: DRIVER_550, env: { LD_LIBRARY_PATH: "/opt/libs" } }, "CUDA libraries", "libcudnn.so.9 (only /opt/libs/libcudnn.so.8, another version)", "cuDNN 9"],
  ["a toolkit of CUDA 13 only", { files: { ...NVIDIA.files, ...inFolder("/usr/local/cuda-13.0/lib64", ["libcudart.so.13", "libcublas.so.13"]) }, programs: DRIVER_550 }, "CUDA libraries", "libcudart.so.12 (only /usr/local/cuda-13.0/lib64/libcudart.so.13, another version)", "CUDA 12 and cuDNN 9"],
  ["everything in the loader's cache", { files: NVIDIA.files, programs: { ...DRIVER_550, "ldconfig -p": loaderCache(SYSTEM, ["libcuda.so.1", ...CUDA_12, CUDNN]) } }, null, "", ""],
  ["an AMD GPU with Vulkan", { files: { ...pciDevice("0000:03:00.0", "0x1002", "0x73bf"), "/usr/share/vulkan/icd.d/radeon.json": `{ "ICD": { "library_path": "libvulkan_radeon.so" } }` }, programs: { "ldconfig -p": loaderCache(SYSTEM, ["libvulkan.so.1"]) } }, "GPU", "there is: AMD graphics device 0x1002:0x73bf", "webgpu"],
  ["Windows, for which the package has no CUDA provider", { platform: "win32" }, "platform", "no CUDA provider for this platform", "dml"],
];

describe("what stands in CUDA's way", () => {
  it.each(COMPUTERS)("on a computer with %s", async (_, tree, subject, found, advice) => {
    const step = obstacle((await inspect(tree)).steps.cuda);
    expect(step?.subject ?? null).toBe(subject);
    expect(step?.found ?? "").toContain(found);
    expect(step?.advice ?? "").toContain(advice);
  });
});

describe("installed libraries", () => {
  it("of pip are found in every environment, and the folders to name are told", async () => {
    const site = "/home/me/venv/lib/python3.11/site-packages/nvidia";
    const wheels = { ...inFolder(`${site}/cuda_runtime/lib`, ["libcudart.so.12"]), ...inFolder(`${site}/cublas/lib`, ["libcublas.so.12", "libcublasLt.so.12"]), ...inFolder(`${site}/curand/lib`, ["libcurand.so.10"]),
      ...inFolder(`${site}/cufft/lib`, ["libcufft.so.11"]), ...inFolder(`${site}/cuda_nvrtc/lib`, ["libnvrtc.so.12"]), ...inFolder(`${site}/cudnn/lib`, [CUDNN]) };
    const tree = { files: { ...NVIDIA.files, ...wheels }, programs: DRIVER_550, env: { VIRTUAL_ENV: "/home/me/venv" } };
    const { cuda, steps } = await inspect(tree);
    expect(cuda?.libraries.map(({ origin, reachable }) => `${origin ?? ""} ${reachable}`)).toEqual(Array(7).fill("pip false"));
    expect(obstacle(steps.cuda)?.found).toContain("not where the loader looks");
    const folders = cuda ? foldersToAdd(cuda) : [];
    expect(folders).toEqual(["cuda_runtime", "cublas", "curand", "cufft", "cuda_nvrtc", "cudnn"].map((part) => `${site}/${part}/lib`));
    const again = await inspect(tree, folders);
    expect(obstacle(again.steps.cuda)).toBeUndefined();
    expect(again.cuda?.libraries[0]?.origin).toBe("setting");
  });

  it("of conda and of CUDA_PATH are found", async () => {
    const tree = { files: { ...NVIDIA.files, ...inFolder("/conda/lib", CUDA_12), ...inFolder("/cuda/lib64", [CUDNN]) }, programs: DRIVER_550, env: { CONDA_PREFIX: "/conda", CUDA_PATH: "/cuda" } };
    const { cuda } = await inspect(tree);
    expect(cuda?.libraries.map(({ origin }) => origin)).toEqual([...Array<string>(6).fill("conda"), "CUDA_PATH"]);
  });

  it("of another processor in the loader's cache do not count", async () => {
    const { cuda } = await inspect({ ...NVIDIA, programs: { ...DRIVER_550, "ldconfig -p": "\tlibcudart.so.12 (libc6) => /usr/lib/i386-linux-gnu/libcudart.so.12\n" } });
    expect(cuda?.libraries[0]?.path).toBeNull();
  });

  it("include the provider in pip's onnxruntime-gpu, with its version", async () => {
    const site = "/home/me/venv/lib/python3.11/site-packages";
    const files = { ...NVIDIA_PCI, [`${site}/onnxruntime/capi/libonnxruntime_providers_cuda.so`]: "", [`${site}/onnxruntime_gpu-1.30.0.dist-info/METADATA`]: "" };
    const { cuda, steps } = await inspect({ files, programs: DRIVER_550, env: { VIRTUAL_ENV: "/home/me/venv" } });
    expect(cuda?.elsewhere).toEqual([{ path: `${site}/onnxruntime/capi`, version: "1.30.0" }]);
    expect(obstacle(steps.cuda)?.advice).toContain(`${site}/onnxruntime/capi holds it`);
  });
});

describe("the runtime's folder", () => {
  it("is the one in LD_LIBRARY_PATH that holds libonnxruntime.so.1, and providers are looked for there only", async () => {
    const { runtime, cuda } = await inspect({ files: { ...NVIDIA_PCI, "/linked/libonnxruntime.so.1": "", "/linked/libonnxruntime_providers_cuda.so": "" }, programs: DRIVER_550, env: { LD_LIBRARY_PATH: "/empty:/linked" } });
    expect(runtime).toBe("/linked");
    expect(cuda?.providers.map(({ path }) => path)).toEqual(["/linked/libonnxruntime_providers_cuda.so", null]);
  });

  it("is the package's own otherwise", async () => {
    expect((await inspect({})).runtime).toBe(BIN);
  });
});

describe("GPUs", () => {
  it("are told once, by the source that knows most", async () => {
    const files = { ...NVIDIA.files, ...pciDevice("0000:03:00.0", "0x8086", "0x4680"), "/proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA RTX A4000\n" };
    const { cards, driver } = await inspect({ files, programs: DRIVER_550 });
    expect(cards).toEqual([
      { vendor: "nvidia", name: "NVIDIA RTX A4000", pci: "0000:01:00.0", memory: 16376 * 2 ** 20 },
      { vendor: "intel", name: "Intel graphics device 0x8086:0x4680", pci: "0000:03:00.0", memory: null },
    ]);
    expect(driver).toEqual({ version: "550.54.14", cuda: "12.4", library: `${SYSTEM}/libcuda.so.1`, hangs: false });
  });

  it("without nvidia-smi are named by the kernel module", async () => {
    const { cards } = await inspect({ files: { ...NVIDIA_PCI, "/proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA H200\nIRQ:   90\n" } });
    expect(cards.map(({ name }) => name)).toEqual(["NVIDIA H200"]);
  });

  it("of Windows are used through its libcuda inside WSL, whose driver has another numbering", async () => {
    const files = { ...PROVIDERS, ...inFolder("/opt/libs", [...CUDA_12, CUDNN]), "/proc/version": "Linux version 5.15.167.4-microsoft-standard-WSL2", "/usr/lib/wsl/lib/libcuda.so.1": "" };
    const report = await inspect({ files, env: { LD_LIBRARY_PATH: "/opt/libs" } });
    expect([report.wsl, obstacle(report.steps.cuda)]).toEqual([true, undefined]);
    const none = await inspect({ files: { "/proc/version": "microsoft" } });
    expect(none.steps.cuda[1]?.advice).toContain("in Windows");
  });
});

describe("Vulkan, for WebGPU", () => {
  const icd = (library: string): string => JSON.stringify({ file_format_version: "1.0.0", ICD: { library_path: library } });
  const programs = { "ldconfig -p": loaderCache(SYSTEM, ["libvulkan.so.1"]) };

  it("drivers are those the environment names before those of the system", async () => {
    const files = { "/usr/share/vulkan/icd.d/a.json": icd("libvulkan_radeon.so"), "/chromium/icd.json": icd("./libvk_swiftshader.so") };
    expect((await inspect({ files, programs })).vulkan.drivers.map(({ name, software }) => [name, software])).toEqual([["RADV (AMD)", false]]);
    const named = await inspect({ files, programs, env: { VK_ICD_FILENAMES: "/chromium/icd.json" } });
    expect(named.vulkan.drivers.map(({ name, software }) => [name, software])).toEqual([["SwiftShader", true]]);
    expect(obstacle(named.steps.webgpu)).toBeUndefined();
  });

  it.each([
    ["without its loader", {}, {}, "libvulkan.so.1 is missing"],
    ["without a driver", {}, programs, "no Vulkan driver"],
    ["with a driver but no device", { "/etc/vulkan/icd.d/i.json": icd("libvulkan_intel.so") }, programs, "no graphics device"],
    ["with a manifest that is damaged", { "/etc/vulkan/icd.d/i.json": "{" }, programs, "no Vulkan driver"],
  ])("is refused %s", async (_, files, run, found) => {
    expect(obstacle((await inspect({ files, programs: run })).steps.webgpu)?.found).toContain(found);
  });
});

it("without onnxruntime-node there is nothing to say", async () => {
  expect(await inspectGpu(machineOf({}), { packageFolder: PACKAGE })).toBeNull();
});
