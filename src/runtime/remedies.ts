import { failsToLoad, libraryRemedy } from "../core/library-failure.ts";
import { TEMPORARY_HINT } from "./profile-folder.ts";
import type { ProviderName } from "./session.ts";

interface Remedy {
  readonly provider?: ProviderName;
  readonly when: RegExp;
  readonly what: string;
}

/** What is known about refusals, the most telling first: a part of ONNX Runtime's (or the loader's) own words, and what helps. */
const REMEDIES: readonly Remedy[] = [
  { when: /cannot be written to the temporary folder/, what: TEMPORARY_HINT },
  { provider: "cuda", when: /not (?:supported|available|built|part of).*(?:platform|build)|not enabled in this build|backend not found/i, what: "ONNX Runtime's npm package has CUDA for Linux on x64 only: analyse on such a machine, or use --provider webgpu." },
  { provider: "cuda", when: /driver version is insufficient|cudaErrorInsufficientDriver|CUDA failure 35|unsupported display driver|forward compatibility/i, what: "The NVIDIA driver is older than the CUDA libraries: install a driver that supports their version of CUDA (nvidia-smi shows which one yours supports)." },
  { provider: "cuda", when: /no CUDA-capable device|cudaErrorNoDevice|CUDA failure 100/i, what: "The driver sees no GPU: check nvidia-smi, and CUDA_VISIBLE_DEVICES; in a container, start it with its GPUs (--gpus all)." },
  { provider: "cuda", when: /invalid device ordinal|CUDA failure 101/i, what: "There is no GPU of that number: --device counts from 0, as nvidia-smi does." },
  { provider: "cuda", when: /libonnxruntime_providers_(?:shared|cuda)|onnxruntime_providers_(?:shared|cuda)\.dll/i, what: "The CUDA provider's own libraries are not installed beside onnxruntime-node: run \"Jacobian Lens: Set Up GPU\", which gets them." },
  { provider: "cuda", when: /libcudnn|cudnn64/i, what: "cuDNN 9 is missing or not found: install it, or put the folder that has it on LD_LIBRARY_PATH (\"Jacobian Lens: Set Up GPU\" looks for it)." },
  { provider: "cuda", when: /libcuda\.so|nvcuda/i, what: "The NVIDIA driver is missing: install it (nvidia-smi must work); in a container, start it with its GPUs (--gpus all)." },
  { provider: "cuda", when: /lib(?:cudart|cublas|cublasLt|cufft|curand|nvrtc|nvJitLink)\.so/i, what: "CUDA's run-time libraries are missing or not found: install the CUDA toolkit of that version, or put the folder that has them on LD_LIBRARY_PATH (\"Jacobian Lens: Set Up GPU\" looks for them)." },
  { provider: "cuda", when: /shared library|cannot open shared object/i, what: "A library that CUDA needs is missing: run \"Jacobian Lens: Set Up GPU\"." },
  { provider: "webgpu", when: /no supported adapters|failed to get a webgpu adapter|could not (?:find|load).*vulkan|libvulkan|no (?:suitable )?adapter/i, what: "No graphics driver answers: on Linux install libvulkan1 and your GPU's Vulkan driver (vulkaninfo lists what is found); in a container, pass the GPU through." },
  { when: /no gpu device/i, what: "Analyze on a machine with a GPU, or pass it to this container. A software driver has to be named: --provider webgpu computes with it, slower than --provider cpu." },
  { provider: "webgpu", when: /software driver/i, what: "It computes on the CPU, slower than the CPU provider does: name --provider webgpu where you want it all the same." },
  { provider: "dml", when: /not (?:supported|available|built)|backend not found|unknown|DirectML/i, what: "DirectML needs Windows 10 1903 or later and a GPU with DirectX 12." },
  { provider: "coreml", when: /./, what: "Core ML needs macOS on Apple silicon." },
  { provider: "webgpu", when: /backend not found/i, what: "ONNX Runtime's npm package has WebGPU not for this platform: use --provider cpu." },
  { provider: "cpu", when: /no answer after/i, what: "The machine may be very busy: run it again." },
  { provider: "cpu", when: /ended by SIG|ended with status/i, what: "ONNX Runtime itself ends its process here: install onnxruntime-node anew beside this program, for this platform." },
  { when: /no answer after/i, what: "The driver hangs at its start: restart the machine, or update the driver." },
  { when: /ended by SIG|ended with status/i, what: "The driver ended the process: update it; use --provider cpu meanwhile." },
];

/** What to do about the reason for which a provider was refused: first of all where no provider can be had; null for a reason that is not known. */
export const remedyFor = (provider: ProviderName, reason: string): string | null =>
  failsToLoad(reason) ? libraryRemedy(reason, process.env) : REMEDIES.find((remedy) => (remedy.provider ?? provider) === provider && remedy.when.test(reason))?.what ?? null;
