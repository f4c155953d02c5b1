import type { Machine } from "../../../src/gpu-setup/machine.ts";

/** A computer made of tables: files by full path, and what programs print by their command line. */
export interface Tree {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly programs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly platform?: string;
  /** Programs that never end. */
  readonly hung?: readonly string[];
  /** Default "/home/me". */
  readonly home?: string;
}

const bytesOf = (content: string | Uint8Array): Uint8Array => (typeof content === "string" ? new TextEncoder().encode(content) : content);

/** That computer. A folder is there when a file below it is. */
export const machineOf = ({ files = {}, programs = {}, env = {}, platform = "linux", home = "/home/me", hung = [] }: Tree): Machine => {
  const paths = Object.keys(files);
  const content = (path: string): Uint8Array | null => (files[path] === undefined ? null : bytesOf(files[path]));
  return {
    platform, arch: "x64", env, home,
    text: (path) => Promise.resolve(content(path) === null ? null : new TextDecoder().decode(content(path) ?? undefined)),
    bytes: (path, from, length) => Promise.resolve(content(path)?.slice(from, from + length) ?? null),
    list: (folder) => Promise.resolve([...new Set(paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""))].sort()),
    exists: (path) => Promise.resolve(paths.some((file) => file === path || file.startsWith(`${path}/`))),
    run: (program, args) => Promise.resolve(programs[[program, ...args].join(" ")] ?? null),
    hung: new Set(hung),
  };
};

export const PACKAGE = "/app/node_modules/onnxruntime-node";
export const BIN = `${PACKAGE}/bin/napi-v6/linux/x64`;

const METADATA = `'use strict';
const metadataVersions = require('./install-metadata-versions.js');
module.exports = {
  requirements: { 'linux/x64': ['cuda12'], 'win32/x64': [] },
  manifests: { 'linux/x64:cuda12': {
    './libonnxruntime_providers_cuda.so': { package: 'p', path: 'a' },
    './libonnxruntime_providers_shared.so': { package: 'p', path: 'b' },
    './libonnxruntime_providers_tensorrt.so': { package: 'p', path: 'c' },
  } },
  packages: { p: { name: 'Gpu.Linux', versions: metadataVersions.nuget } },
  feeds: { nuget: { type: 'nuget', index: 'https://feed.example/v3/index.json' } },
};`;

/** onnxruntime-node as npm installs it, without its CUDA provider. */
export const ONNXRUNTIME: Readonly<Record<string, string>> = {
  [`${PACKAGE}/package.json`]: `{ "name": "onnxruntime-node", "version": "1.30.0" }`,
  [`${PACKAGE}/script/install-metadata.js`]: METADATA,
  [`${PACKAGE}/script/install-metadata-versions.js`]: "module.exports = { nuget: [{ feed: 'nuget', version: '1.30.0' }] };",
  [`${BIN}/libonnxruntime.so.1`]: "",
};

export const PROVIDERS: Readonly<Record<string, string>> = { [`${BIN}/libonnxruntime_providers_cuda.so`]: "", [`${BIN}/libonnxruntime_providers_shared.so`]: "" };

/** The libraries of CUDA 12 without cuDNN. */
export const CUDA_12 = ["libcudart.so.12", "libcublasLt.so.12", "libcublas.so.12", "libcurand.so.10", "libcufft.so.11", "libnvrtc.so.12"];

export const inFolder = (folder: string, names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((name) => [`${folder}/${name}`, ""]));

/** `ldconfig -p` for libraries in one folder. */
export const loaderCache = (folder: string, names: readonly string[]): string =>
  `${names.length} libs found in cache \`/etc/ld.so.cache'\n${names.map((name) => `\t${name} (libc6,x86-64) => ${folder}/${name}\n`).join("")}`;

export const nvidiaSmi = (driver: string, cuda: string): Record<string, string> => ({
  "nvidia-smi --query-gpu=name,memory.total,pci.bus_id --format=csv,noheader,nounits": "NVIDIA RTX A4000, 16376, 00000000:01:00.0\n",
  "nvidia-smi --query-gpu=driver_version --format=csv,noheader,nounits": `${driver}\n`,
  "nvidia-smi": `| NVIDIA-SMI ${driver}      Driver Version: ${driver}      CUDA Version: ${cuda}     |\n`,
});

/** A display device on the PCI bus. */
export const pciDevice = (address: string, vendor: string, device: string): Record<string, string> => ({
  [`/sys/bus/pci/devices/${address}/class`]: "0x030000\n",
  [`/sys/bus/pci/devices/${address}/vendor`]: `${vendor}\n`,
  [`/sys/bus/pci/devices/${address}/device`]: `${device}\n`,
});
