import { existing, type Machine } from "./machine.ts";

/** Libraries that the dynamic loader of Linux knows by name, and where they are. */
export type LoaderCache = ReadonlyMap<string, string>;

/** What the second column of `ldconfig -p` holds for this processor. */
const MARKS: Readonly<Record<string, string>> = { x64: "x86-64", arm64: "AArch64" };

/** Lines of `ldconfig -p`: "	libcudart.so.12 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libcudart.so.12". The first entry of a name counts, as for the loader. */
export const parseLoaderCache = (printed: string, arch: string): LoaderCache => {
  const mark = MARKS[arch];
  const cache = new Map<string, string>();
  for (const [, name = "", kind = "", path = ""] of printed.matchAll(/^\s+(\S+) \(([^)]*)\) => (\S.*)$/gm)) {
    if ((mark === undefined || kind.includes(mark)) && !cache.has(name)) cache.set(name, path.trim());
  }
  return cache;
};

/** The folders that the loader searches by itself, where there is no cache (musl, minimal containers). */
export const DEFAULT_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  x64: ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"],
  arm64: ["/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"],
};

/** The loader's cache (/etc/ld.so.cache) as ldconfig prints it, without entries whose file is gone; empty on other systems. */
export const readLoaderCache = async (machine: Machine): Promise<LoaderCache> => {
  if (machine.platform !== "linux") return new Map();
  for (const program of ["ldconfig", "/sbin/ldconfig", "/usr/sbin/ldconfig"]) {
    const printed = await machine.run(program, ["-p"]);
    if (printed !== null) return parseLoaderCache(printed, machine.arch);
  }
  const cache = new Map<string, string>();
  for (const folder of await existing(machine, DEFAULT_FOLDERS[machine.arch] ?? [])) {
    for (const name of await machine.list(folder)) if (/\.so(\.\d+)*$/.test(name) && !cache.has(name)) cache.set(name, `${folder}/${name}`);
  }
  return cache;
};
