import { entries, existing, inHome, pathList, type Machine } from "./machine.ts";

/** Where libraries of CUDA may lie. */
export type Origin = "setting" | "runtime" | "LD_LIBRARY_PATH" | "loader" | "CUDA_PATH" | "CUDA toolkit" | "pip" | "conda" | "WSL";

/** A folder with libraries. `reachable`: the loader searches it when the provider is loaded, without anything being set up. */
export interface LibraryFolder {
  readonly path: string;
  readonly origin: Origin;
  readonly reachable: boolean;
}

const sub = (folders: readonly string[], ...below: readonly string[]): string[] => folders.flatMap((folder) => below.map((name) => `${folder}/${name}`));

/** CUDA toolkits by the environment and in the usual places. */
const toolkits = async (machine: Machine): Promise<LibraryFolder[]> => {
  const below = ["lib64", "lib", "targets/x86_64-linux/lib"];
  const named = [machine.env.CUDA_PATH, machine.env.CUDA_HOME].filter((path) => path !== undefined && path !== "") as string[];
  const usual = [...(await entries(machine, "/usr/local", /^cuda(-\d+(\.\d+)?)?$/)), ...(await entries(machine, "/opt", /^cuda(-\d+(\.\d+)?)?$/))];
  return [
    ...(await existing(machine, sub(named, ...below))).map((path): LibraryFolder => ({ path, origin: "CUDA_PATH", reachable: false })),
    ...(await existing(machine, sub(usual, ...below))).map((path): LibraryFolder => ({ path, origin: "CUDA toolkit", reachable: false })),
  ];
};

/** Folders with Python's packages: of the active environments, of interpreters on PATH, of the user and of the system. */
export const sitePackages = async (machine: Machine): Promise<readonly string[]> => {
  const { VIRTUAL_ENV, CONDA_PREFIX, PATH } = machine.env;
  const bins = pathList(PATH).filter((folder) => folder.endsWith("/bin"));
  const pythons = await existing(machine, sub(bins, "python3"));
  const prefixes = [VIRTUAL_ENV, CONDA_PREFIX, ...pythons.map((path) => path.replace(/\/bin\/python3$/, "")), ...inHome(machine, ".local"), "/usr", "/usr/local"].filter((path) => path !== undefined && path !== "") as string[];
  const versions = await Promise.all([...new Set(prefixes)].map((prefix) => entries(machine, `${prefix}/lib`, /^python3(\.\d+)?$/)));
  return existing(machine, sub(versions.flat(), "site-packages", "dist-packages"));
};

/** pip's nvidia-* wheels put each library in site-packages/nvidia/NAME/lib. */
const fromPip = async (machine: Machine): Promise<LibraryFolder[]> => {
  const sites = await sitePackages(machine);
  const parts = await Promise.all(sites.map((site) => entries(machine, `${site}/nvidia`)));
  return (await existing(machine, sub(parts.flat(), "lib"))).map((path) => ({ path, origin: "pip", reachable: false }));
};

const fromConda = async (machine: Machine): Promise<LibraryFolder[]> => {
  const { CONDA_PREFIX } = machine.env;
  if (CONDA_PREFIX === undefined || CONDA_PREFIX === "") return [];
  return (await existing(machine, sub([CONDA_PREFIX], "lib", "targets/x86_64-linux/lib"))).map((path) => ({ path, origin: "conda", reachable: false }));
};

/**
 * The folders to search, in the order the loader would: those of the setting, LD_LIBRARY_PATH, beside the runtime; then those it does not
 * search. The loader's cache is asked by name instead.
 */
export const libraryFolders = async (machine: Machine, runtime: string, setting: readonly string[]): Promise<readonly LibraryFolder[]> => {
  const first: LibraryFolder[] = [
    ...setting.map((path): LibraryFolder => ({ path, origin: "setting", reachable: true })),
    ...pathList(machine.env.LD_LIBRARY_PATH).map((path): LibraryFolder => ({ path, origin: "LD_LIBRARY_PATH", reachable: true })),
    { path: runtime, origin: "runtime", reachable: true },
    { path: "/usr/lib/wsl/lib", origin: "WSL", reachable: false },
  ];
  const all = [...first, ...(await fromConda(machine)), ...(await fromPip(machine)), ...(await toolkits(machine))];
  const there = new Set(await existing(machine, all.map(({ path }) => path)));
  return all.filter(({ path }, i) => there.has(path) && all.findIndex((other) => other.path === path) === i);
};
