/** A Vulkan driver for the WebGPU tests: the machine's own GPU, or SwiftShader, the software driver that comes with Chromium. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { ensureChromium } from "./chromium.mjs";
import { onPath } from "./on-path.mjs";
import { run } from "./run.mjs";

const MANIFEST = "vk_swiftshader_icd.json";
const FOLDERS = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/usr/lib64/chromium-browser", "/opt/google/chrome"];
const LIBRARIES = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];

const listed = (folder) => (existsSync(folder) ? readdirSync(folder) : []);

const hasGpu = () => listed("/dev/dri").some((name) => name.startsWith("renderD")) || listed("/dev").some((name) => /^(nvidia\d+|dxg)$/.test(name));

const hasLoader = () => LIBRARIES.some((folder) => existsSync(path.join(folder, "libvulkan.so.1")));

const manifest = (chromium) => [path.dirname(chromium), ...FOLDERS].map((folder) => path.join(folder, MANIFEST)).find((file) => existsSync(file));

/** Vulkan's loader; Debian's package is installed where it is missing and we may. */
const ensureLoader = async () => {
  if (hasLoader() || onPath("apt-get") === undefined || process.getuid?.() !== 0) return hasLoader();
  await run("apt-get", ["update"], { quiet: true });
  await run("apt-get", ["install", "-y", "--no-install-recommends", "libvulkan1"], { quiet: true, env: { DEBIAN_FRONTEND: "noninteractive" } });
  return hasLoader();
};

/**
 * What the environment needs so that WebGPU has a driver, or why there is none. On Linux WebGPU is then promised to the tests: they fail
 * where it is refused. @returns {Promise<{ env: Record<string, string> } | { notRun: string }>}
 */
export const ensureVulkan = async () => {
  if (process.platform !== "linux" || process.env.VK_ICD_FILENAMES !== undefined || process.env.VK_DRIVER_FILES !== undefined || hasGpu()) return { env: {} };
  const chromium = await ensureChromium();
  if (chromium === undefined) return { notRun: "no Chromium, whose software Vulkan driver stands in for a GPU (set CHROMIUM to its path, or VK_ICD_FILENAMES to a driver)" };
  if (!(await ensureLoader())) return { notRun: "no libvulkan.so.1 (Debian: libvulkan1)" };
  const file = manifest(chromium);
  if (file === undefined) return { notRun: `no ${MANIFEST} beside ${chromium}` };
  // Mesa's layer that chooses among drivers has nothing to choose here, and asks for a desktop.
  return { env: { VK_ICD_FILENAMES: file, NODEVICE_SELECT: "1", PROVIDERS_PROMISED: "webgpu" } };
};
