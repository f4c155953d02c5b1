import type { LoaderCache } from "./loader-cache.ts";
import { entries, inHome, pathList, type Machine } from "./machine.ts";

/** One Vulkan driver, by the library that its manifest names. */
export interface VulkanDriver {
  /** "RADV (AMD)", "SwiftShader" …; the library's name when it is none that is known. */
  readonly name: string;
  /** Computes on the CPU: a stand-in for a GPU, not one. */
  readonly software: boolean;
}

export interface VulkanSetup {
  /** Full path of libvulkan.so.1, which finds the drivers; null when it is missing. */
  readonly loader: string | null;
  /** Manifests the loader reads (its own order), and the driver each names. */
  readonly drivers: readonly (VulkanDriver & { readonly manifest: string })[];
}

const KNOWN: readonly (readonly [RegExp, string, boolean])[] = [
  [/vk_swiftshader/, "SwiftShader", true],
  [/vulkan_lvp/, "lavapipe", true],
  [/nvidia/i, "NVIDIA", false],
  [/vulkan_nouveau/, "NVK (NVIDIA)", false],
  [/vulkan_radeon/, "RADV (AMD)", false],
  [/amdvlk/, "AMDVLK", false],
  [/vulkan_intel/, "ANV (Intel)", false],
  [/vulkan_dzn/, "Dozen (Direct3D 12)", false],
  [/vulkan_virtio/, "Venus (virtual GPU)", false],
  [/MoltenVK/i, "MoltenVK", false],
];

/** The driver that a library is, by its file name. */
export const vulkanDriver = (library: string): VulkanDriver => {
  const file = library.split("/").pop() ?? library;
  const [, name = file, software = false] = KNOWN.find(([pattern]) => pattern.test(file)) ?? [];
  return { name, software };
};

/**
 * The manifests the Vulkan loader reads: those the environment names, else all below the folders of the system.
 * @source Vulkan-Loader, LoaderDriverInterface.md, "Driver discovery on Linux" and "Overriding the default driver discovery".
 */
const manifests = async (machine: Machine): Promise<readonly string[]> => {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES, XDG_CONFIG_HOME, XDG_CONFIG_DIRS, XDG_DATA_HOME, XDG_DATA_DIRS } = machine.env;
  const named = pathList(VK_DRIVER_FILES ?? VK_ICD_FILENAMES);
  if (named.length > 0) return named;
  const roots = [
    ...(XDG_CONFIG_HOME === undefined ? inHome(machine, ".config") : [XDG_CONFIG_HOME]), ...pathList(XDG_CONFIG_DIRS ?? "/etc/xdg"), "/etc",
    ...(XDG_DATA_HOME === undefined ? inHome(machine, ".local/share") : [XDG_DATA_HOME]), ...pathList(XDG_DATA_DIRS ?? "/usr/local/share:/usr/share"),
  ];
  const found = await Promise.all(roots.map((root) => entries(machine, `${root}/vulkan/icd.d`, /\.json$/)));
  return [...new Set([...pathList(VK_ADD_DRIVER_FILES), ...found.flat()])];
};

const libraryIn = (manifest: string | null): string | null => {
  try {
    const { ICD } = JSON.parse(manifest ?? "") as { readonly ICD?: { readonly library_path?: unknown } };
    return typeof ICD?.library_path === "string" ? ICD.library_path : null;
  } catch {
    return null;
  }
};

/** What the WebGPU provider finds on Linux: Vulkan's loader and drivers. A manifest that names no library is left out, as the loader does. */
export const findVulkan = async (machine: Machine, cache: LoaderCache): Promise<VulkanSetup> => {
  if (machine.platform !== "linux") return { loader: null, drivers: [] };
  const drivers = await Promise.all((await manifests(machine)).map(async (manifest) => {
    const library = libraryIn(await machine.text(manifest));
    return library === null ? null : { manifest, ...vulkanDriver(library) };
  }));
  return { loader: cache.get("libvulkan.so.1") ?? null, drivers: drivers.filter((driver) => driver !== null) };
};

/**
 * The Vulkan driver that a process computes with, from what it has mapped (/proc/self/maps) and opened (targets of /proc/self/fd): the loader
 * maps all drivers, but only one that has a GPU holds its device file open. Null when none is mapped.
 */
export const driverInUse = (maps: string, opened: readonly string[]): VulkanDriver | null => {
  const libraries = [...new Set([...maps.matchAll(/\s(\/\S*\.so[\w.]*)$/gm)].map(([, path = ""]) => path))];
  const drivers = libraries.filter((path) => KNOWN.some(([pattern]) => pattern.test(path.split("/").pop() ?? ""))).map(vulkanDriver);
  const named = (software: boolean): string => [...new Set(drivers.filter((driver) => driver.software === software).map(({ name }) => name))].join(" or ");
  const hardware = opened.some((path) => /^\/dev\/(?:dri\/render|nvidia|dxg)/.test(path)) || !drivers.some(({ software }) => software);
  const name = named(!hardware) || named(hardware);
  return name === "" ? null : { name, software: !hardware };
};
