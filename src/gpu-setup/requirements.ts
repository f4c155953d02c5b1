import { neededLibraries } from "./elf.ts";
import type { Machine } from "./machine.ts";
import type { PackageMetadata } from "./package-metadata.ts";

/** What the CUDA provider of the installed onnxruntime-node needs of the computer. */
export interface CudaRequirements {
  readonly cuda: number;
  readonly cudnn: number;
  /** The oldest driver for Linux that runs this CUDA. */
  readonly driver: string;
  /** The provider's own libraries, which must lie beside libonnxruntime.so.1. */
  readonly providers: readonly string[];
  /** Libraries of CUDA and cuDNN that the loader must find. */
  readonly libraries: readonly string[];
  /** Where `libraries` is from: the provider's own list of what it needs, or the table of this program. */
  readonly source: "provider" | "table";
}

interface CudaGeneration {
  readonly cudnn: number;
  readonly driver: string;
  readonly libraries: readonly string[];
}

/**
 * By major version of CUDA. Minor versions are interchangeable within one.
 * @source cudnn: ONNX Runtime, "CUDA Execution Provider", Requirements (1.19 and newer). driver: NVIDIA CUDA Toolkit Release Notes, table
 * "CUDA Toolkit and Minimum Required Driver Version for CUDA Minor Version Compatibility". libraries: the names that ONNX Runtime's Python
 * package loads before the provider (preload_dlls in onnxruntime/__init__.py, 1.21 and newer).
 */
const GENERATIONS: Readonly<Record<number, CudaGeneration>> = {
  12: {
    cudnn: 9,
    driver: "525.60.13",
    libraries: ["libcudart.so.12", "libcublasLt.so.12", "libcublas.so.12", "libcurand.so.10", "libcufft.so.11", "libnvrtc.so.12", "libcudnn.so.9"],
  },
  13: {
    cudnn: 9,
    driver: "580.65.06",
    libraries: ["libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13", "libcurand.so.10", "libcufft.so.12", "libnvrtc.so.13", "libcudnn.so.9"],
  },
};

/** The libraries of CUDA and cuDNN among those a provider asks for: the driver's libcuda and the system's own come another way. */
const isCuda = (library: string): boolean => /^lib(?:cudart|cublas|cublasLt|curand|cufft|nvrtc|nvJitLink|cusparse|cusolver|cudnn\w*)\.so\.\d+$/.test(library);

const majorOf = (libraries: readonly string[], name: string): number | undefined => {
  const match = libraries.map((library) => new RegExp(`^${name}\\.so\\.(\\d+)$`).exec(library)?.[1]).find((major) => major !== undefined);
  return match === undefined ? undefined : Number(match);
};

/**
 * What the CUDA provider needs; null where the package has none for this platform. `provider`: full path of libonnxruntime_providers_cuda.so
 * where there is one, whose own list of libraries then counts.
 */
export const cudaRequirements = async (machine: Machine, metadata: PackageMetadata, provider: string | null): Promise<CudaRequirements | null> => {
  if (metadata.provider === null) return null;
  const asked = provider === null ? null : await neededLibraries((from, length) => machine.bytes(provider, from, length));
  const own = (asked ?? []).filter(isCuda);
  const cuda = majorOf(own, "libcudart") ?? metadata.provider.cuda;
  const generation = GENERATIONS[cuda];
  if (!generation) return null;
  const { cudnn, driver, libraries } = generation;
  // TensorRT is fetched with the provider, but nothing here uses it.
  const providers = metadata.provider.files.filter((file) => !file.includes("tensorrt"));
  return { cuda, cudnn: majorOf(own, "libcudnn") ?? cudnn, driver, providers, libraries: own.length > 0 ? own : libraries, source: own.length > 0 ? "provider" : "table" };
};

/** Names of the packages of pip that hold a library, for hints. @source the wheels' own file lists. */
export const pipPackage = (library: string): string | null => {
  const [, name = "", major = ""] = /^lib(\w+)\.so\.(\d+)$/.exec(library) ?? [];
  const known: Readonly<Record<string, string>> = { cudart: "nvidia-cuda-runtime", cublas: "nvidia-cublas", cublasLt: "nvidia-cublas", curand: "nvidia-curand", cufft: "nvidia-cufft", nvrtc: "nvidia-cuda-nvrtc", nvJitLink: "nvidia-nvjitlink" };
  if (name.startsWith("cudnn")) return "nvidia-cudnn";
  const found = known[name];
  return found === undefined || major === "" ? null : found;
};
