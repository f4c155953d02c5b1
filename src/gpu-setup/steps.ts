import type { LibraryFinding } from "./libraries.ts";
import { foldersToAdd, type CudaReport, type GpuReport, type Step } from "./report.ts";
import { pipPackage } from "./requirements.ts";
import { compareVersions } from "./versions.ts";

type Facts = Omit<GpuReport, "steps">;

const met = (subject: Step["subject"], found: string): Step => ({ subject, met: true, found, advice: null });
const unmet = (subject: Step["subject"], found: string, advice: string): Step => ({ subject, met: false, found, advice });

const gpuStep = ({ cards, wsl, driver }: Facts): Step => {
  const nvidia = cards.filter(({ vendor }) => vendor === "nvidia");
  if (nvidia.length > 0) return met("GPU", nvidia.map(({ name }) => name).join("; "));
  if (wsl && driver !== null) return met("GPU", "a GPU of Windows");
  const others = cards.map(({ name }) => name).join("; ");
  return unmet("GPU", `no NVIDIA GPU${others === "" ? "" : ` (there is: ${others})`}`, others === "" ? "Analyze on the CPU, or on a computer with an NVIDIA GPU." : "CUDA is for NVIDIA GPUs: use the webgpu provider with this one, or the CPU.");
};

const driverStep = ({ driver, wsl }: Facts, { requirements: { driver: oldest, cuda } }: CudaReport): Step => {
  const how = wsl ? "Install or update NVIDIA's driver in Windows, never inside its Linux; then restart WSL (wsl --shutdown)." : `Install NVIDIA's driver ${oldest} or newer (on Debian and Ubuntu: the package nvidia-driver), then restart.`;
  if (driver === null) return unmet("driver", "no NVIDIA driver", how);
  if (driver.hangs) return unmet("driver", "the NVIDIA driver hangs: nvidia-smi gave no answer", "Restart the machine; if nvidia-smi hangs again, install the driver anew.");
  // Windows' driver has another numbering inside WSL; what CUDA it runs is said by nvidia-smi.
  const runs = driver.cuda === null ? null : Number.parseInt(driver.cuda, 10) >= cuda;
  const old = wsl ? runs === false : driver.version !== null && compareVersions(driver.version, oldest) < 0;
  if (old) return unmet("driver", `the NVIDIA driver ${driver.version ?? ""} is too old for CUDA ${cuda}, which needs ${oldest} or newer`, how);
  if (driver.library === null) return unmet("driver", `the NVIDIA driver ${driver.version ?? ""} is loaded, but libcuda.so.1 is missing`, "Install the driver's user-space part (Debian: libcuda1); in a container, start it with the GPU (docker run --gpus all).");
  return met("driver", `${driver.version ?? "version unknown"}${driver.cuda === null ? "" : `, runs CUDA up to ${driver.cuda}`}`);
};

const providerStep = ({ runtime, onnxruntime }: Facts, { providers, elsewhere }: CudaReport): Step => {
  const missing = providers.filter(({ path }) => path === null).map(({ name }) => name);
  if (missing.length === 0) return met("provider library", runtime);
  const usable = elsewhere.find(({ version }) => version === null || version === onnxruntime);
  const install = "Run “Jacobian Lens: Set Up GPU” in VS Code, or the package's own installer: node script/install.js --onnxruntime-node-install in the folder of onnxruntime-node";
  return unmet("provider library", `missing ${missing.join(", ")} in ${runtime}`, usable ? `${usable.path} holds it: choose that folder with “Jacobian Lens: Set Up GPU”.` : `${install}.`);
};

const gone = ({ name, others }: LibraryFinding): string => `${name}${others[0] === undefined ? "" : ` (only ${others[0]}, another version)`}`;

const libraryStep = (cuda: CudaReport): Step => {
  const { libraries, requirements } = cuda;
  const what = `CUDA ${requirements.cuda} and cuDNN ${requirements.cudnn}`;
  const missing = libraries.filter(({ path }) => path === null);
  const folders = foldersToAdd(cuda);
  if (missing.length > 0) {
    const wheels = [...new Set(missing.map(({ name }) => pipPackage(name)).filter((name) => name !== null))].map((name) => `${name}-cu${requirements.cuda}`);
    const pip = wheels.length > 0 ? `pip install ${wheels.join(" ")}, or ` : "";
    return unmet("CUDA libraries", `missing ${missing.map(gone).join(", ")}`, `Install ${what}: ${pip}NVIDIA's packages for your system; then look again.`);
  }
  if (folders.length > 0) return unmet("CUDA libraries", `there, but not where the loader looks: ${folders.join(", ")}`, `Add them with “Jacobian Lens: Set Up GPU”, or start with LD_LIBRARY_PATH=${folders.join(":")}`);
  return met("CUDA libraries", what);
};

/** What the CUDA provider needs, each as found. */
export const cudaSteps = (facts: Facts): readonly Step[] => {
  const { cuda } = facts;
  if (cuda === null) return [unmet("platform", "onnxruntime-node has no CUDA provider for this platform", "CUDA runs on Linux x64 (also in WSL). Here, use dml (Windows), coreml (macOS), webgpu or cpu.")];
  return [gpuStep(facts), driverStep(facts, cuda), providerStep(facts, cuda), libraryStep(cuda)];
};

/** What the WebGPU provider needs on Linux; elsewhere the operating system brings it. */
export const webgpuSteps = ({ vulkan: { loader, drivers }, cards, wsl }: Facts, platform: string): readonly Step[] => {
  if (platform !== "linux") return [];
  const names = [...new Set(drivers.map(({ name, software }) => `${name}${software ? " (software)" : ""}`))].join(", ");
  const pack = "Install the Vulkan driver of your GPU (AMD and Intel, on Debian: mesa-vulkan-drivers; NVIDIA: part of its driver)";
  if (loader === null) return [unmet("Vulkan", "libvulkan.so.1 is missing", "Install Vulkan's loader (Debian: libvulkan1) and your GPU's Vulkan driver.")];
  if (drivers.length === 0) return [unmet("Vulkan", "there is no Vulkan driver", `${pack}.`)];
  if (cards.length === 0 && !wsl && drivers.every(({ software }) => !software)) return [unmet("Vulkan", `no graphics device for the Vulkan drivers there are (${names})`, "Analyze on the CPU.")];
  return [met("Vulkan", names)];
};
