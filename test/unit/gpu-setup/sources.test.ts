import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { neededLibraries } from "../../../src/gpu-setup/elf.ts";
import { nodeMachine } from "../../../src/gpu-setup/node-machine.ts";
import { readPackageMetadata } from "../../../src/gpu-setup/package-metadata.ts";
import { binFolder } from "../../../src/gpu-setup/provider-folders.ts";
import { publishedPackage, type FetchJson } from "../../../src/gpu-setup/published.ts";
import { cudaRequirements } from "../../../src/gpu-setup/requirements.ts";
import { compareVersions } from "../../../src/gpu-setup/versions.ts";
import { driverInUse } from "../../../src/gpu-setup/vulkan.ts";
import { machineOf, ONNXRUNTIME, PACKAGE } from "./trees.ts";

const INSTALLED = fileURLToPath(new URL("../../../node_modules/onnxruntime-node", import.meta.url));
const machine = nodeMachine();

describe("the libraries that an ELF file needs", () => {
  const read = (file: string) => (from: number, length: number) => machine.bytes(file, from, length);
  const folder = binFolder(INSTALLED, { platform: "linux", arch: "x64" });

  // As `readelf -d` of binutils lists them.
  it.each([
    ["onnxruntime_binding.node", ["libonnxruntime.so.1", "libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6"]],
    ["libonnxruntime.so.1", ["libdl.so.2", "librt.so.1", "libpthread.so.0", "libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "ld-linux-x86-64.so.2"]],
  ])("of %s are what readelf says", async (name, needed) => {
    expect(await neededLibraries(read(path.join(folder, name)))).toEqual(needed);
  });

  it("are not made up for a file that is none, or is cut off", async () => {
    expect(await neededLibraries(read(fileURLToPath(import.meta.url)))).toBeNull();
    const whole = await machine.bytes(path.join(folder, "onnxruntime_binding.node"), 0, 4000);
    expect(await neededLibraries((from, length) => Promise.resolve(whole?.slice(from, from + length) ?? null))).toBeNull();
    expect(await neededLibraries(() => Promise.resolve(null))).toBeNull();
  });
});

/** A 64-bit ELF file of nothing but what it needs. */
const elfNeeding = (libraries: readonly string[]): Uint8Array => {
  const strings = new TextEncoder().encode(`\0${libraries.join("\0")}\0`);
  const [programs, dynamic] = [64, 64 + 2 * 56];
  const table = dynamic + (libraries.length + 3) * 16;
  const bytes = new Uint8Array(table + strings.length);
  const view = new DataView(bytes.buffer);
  const wide = (at: number, value: number): void => { view.setBigUint64(at, BigInt(value), true); };
  view.setUint32(0, 0x7f454c46);
  bytes.set([2, 1, 1], 4);
  wide(32, programs);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  [[1, 0, bytes.length], [2, dynamic, table - dynamic]].forEach(([type = 0, offset = 0, size = 0], i) => {
    const at = programs + i * 56;
    view.setUint32(at, type, true);
    for (const [field, value] of [[8, offset], [16, offset], [32, size]] as const) wide(at + field, value);
  });
  let name = 1;
  const tags: [number, number][] = libraries.map((library): [number, number] => {
    const at = name;
    name += library.length + 1;
    return [1, at];
  });
  [...tags, [5, table] as const, [10, strings.length] as const, [0, 0] as const].forEach(([tag, value], i) => {
    wide(dynamic + i * 16, tag);
    wide(dynamic + i * 16 + 8, value);
  });
  bytes.set(strings, table);
  return bytes;
};

describe("what CUDA needs", () => {
  const inTree = async (files: Readonly<Record<string, Uint8Array>>, provider: string | null) => {
    const tree = machineOf({ files: { ...ONNXRUNTIME, ...files } });
    const metadata = await readPackageMetadata(tree, PACKAGE);
    return metadata && cudaRequirements(tree, metadata, provider);
  };

  it("is by the table where the provider is not there", async () => {
    expect(await inTree({}, null)).toMatchObject({ cuda: 12, cudnn: 9, driver: "525.60.13", source: "table", providers: ["libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so"] });
  });

  it("is what the provider itself asks for where it is", async () => {
    const needed = ["libcublas.so.13", "libcudart.so.13", "libcudnn.so.10", "libcuda.so.1", "libc.so.6"];
    expect(await inTree({ "/p.so": elfNeeding(needed) }, "/p.so")).toMatchObject({ cuda: 13, cudnn: 10, driver: "580.65.06", source: "provider", libraries: ["libcublas.so.13", "libcudart.so.13", "libcudnn.so.10"] });
  });

  it("is by the table where the provider cannot be read", async () => {
    expect(await inTree({ "/p.so": new Uint8Array(10) }, "/p.so")).toMatchObject({ cuda: 12, source: "table" });
  });
});

describe("the package's metadata", () => {
  it("of the onnxruntime-node that is installed here can be read", async () => {
    const metadata = await readPackageMetadata({ ...machine, platform: "linux", arch: "x64" }, INSTALLED);
    expect(metadata?.provider).toMatchObject({ cuda: 12, version: metadata?.version });
  });

  it.each([["is missing", null], ["throws", "throw new Error('no')"], ["loops", "for (;;);"], ["reaches for the system", "module.exports = process.env"], ["is of another shape", "module.exports = { requirements: { 'linux/x64': ['cuda12'] } }"]])("is nothing to install where its file %s", async (_, source) => {
    const files = Object.fromEntries(Object.entries(ONNXRUNTIME).filter(([name]) => source !== null || !name.endsWith("install-metadata.js")).map(([name, text]) => [name, name.endsWith("install-metadata.js") ? (source ?? text) : text]));
    expect(await readPackageMetadata(machineOf({ files }), PACKAGE)).toEqual({ version: "1.30.0", provider: null });
  });
});

describe("the feed's record of a package", () => {
  const wanted = { id: "cuda12", cuda: 12, files: [], name: "Some.Package", version: "1.30.0", feed: "https://feed/index.json" };
  const feed = (documents: Readonly<Record<string, unknown>>): FetchJson => (url) => Promise.resolve(documents[url] ?? null);
  const index = { resources: [{ "@id": "https://feed/flat/", "@type": "PackageBaseAddress/3.0.0" }, { "@id": "https://feed/reg", "@type": "RegistrationsBaseUrl/3.6.0" }] };
  const leaf = "https://feed/reg/some.package/1.30.0.json";

  it("gives hash and size, by way of the catalogue", async () => {
    const documents = { "https://feed/index.json": index, [leaf]: { catalogEntry: "https://feed/entry" }, "https://feed/entry": { packageHash: "aGFzaA==", packageHashAlgorithm: "SHA512", packageSize: 300 } };
    expect(await publishedPackage(wanted, feed(documents))).toEqual({ sha512: "aGFzaA==", bytes: 300 });
  });

  it("gives no hash where the feed keeps none", async () => {
    expect(await publishedPackage(wanted, feed({ "https://feed/index.json": index, [leaf]: { catalogEntry: { packageSize: 300 } } }))).toEqual({ sha512: null, bytes: 300 });
  });

  it.each([
    ["no registrations", { "https://feed/index.json": { resources: [] } }],
    ["none of this package", { "https://feed/index.json": index }],
    ["a leaf without an entry", { "https://feed/index.json": index, [leaf]: {} }],
  ])("is null where the feed answers that it has %s", async (_, documents) => {
    expect(await publishedPackage(wanted, feed(documents))).toBeNull();
  });

  it("is not taken for missing where it cannot be asked for, nor where what answers is no feed", async () => {
    const cut = (documents: Readonly<Record<string, unknown>>): FetchJson => (url) => (url in documents ? Promise.resolve(documents[url]) : Promise.reject(new Error(`no way to ${url}`)));
    await expect(publishedPackage(wanted, cut({}))).rejects.toThrow("no way to https://feed/index.json");
    await expect(publishedPackage(wanted, cut({ "https://feed/index.json": index }))).rejects.toThrow(`no way to ${leaf}`);
    await expect(publishedPackage(wanted, feed({ "https://feed/index.json": { page: "log in" } }))).rejects.toThrow("https://feed/index.json does not answer as a NuGet feed");
  });
});

describe("the Vulkan driver in use", () => {
  const maps = (...libraries: readonly string[]): string => libraries.map((library) => `7f12-7f13 r-xp 00000000 08:01 42                 ${library}\n`).join("");

  it.each([
    ["the only one", ["/usr/lib/chromium/libvk_swiftshader.so"], [], { name: "SwiftShader", software: true }],
    ["the software one where no GPU is open", ["/usr/lib/libvulkan_lvp.so", "/usr/lib/libvulkan_radeon.so"], ["/dev/null"], { name: "lavapipe", software: true }],
    ["the hardware's where one is open", ["/usr/lib/libvulkan_lvp.so", "/usr/lib/libvulkan_radeon.so"], ["/dev/dri/renderD128"], { name: "RADV (AMD)", software: false }],
    ["NVIDIA's by any of its libraries", ["/usr/lib/libGLX_nvidia.so.550.54.14", "/usr/lib/libnvidia-glcore.so.550.54.14"], ["/dev/nvidia0"], { name: "NVIDIA", software: false }],
  ])("is %s", (_, libraries, opened, expected) => {
    expect(driverInUse(maps("/usr/lib/libc.so.6", ...libraries), opened)).toEqual(expected);
  });

  it("is unknown where none is mapped", () => {
    expect(driverInUse(maps("/usr/lib/libc.so.6"), [])).toBeNull();
  });
});

it.each([["525.60.13", "525.60.13", 0], ["470.223.02", "525.60.13", -1], ["525.105.17", "525.60.13", 1], ["550", "550.0.0", 0], ["12.10", "12.9", 1]])("version %s against %s is %i", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
