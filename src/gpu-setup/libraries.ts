import type { LibraryFolder, Origin } from "./library-folders.ts";
import type { LoaderCache } from "./loader-cache.ts";
import type { Machine } from "./machine.ts";

/** A library that is needed, and where it is. */
export interface LibraryFinding {
  readonly name: string;
  /** Full path; null when it is nowhere. */
  readonly path: string | null;
  readonly origin: Origin | null;
  /** Found where the loader will look; false when it is missing or lies elsewhere. */
  readonly reachable: boolean;
  /** The same library in another version, which does not do: full paths. */
  readonly others: readonly string[];
}

/** "libcublas.so.12" → "libcublas.so". */
const stem = (library: string): string => library.replace(/(\.\d+)+$/, "");

interface Place {
  readonly path: string;
  readonly origin: Origin;
  readonly reachable: boolean;
}

/** Where each of `names` is: reachable places first, else any. Cost: one listing of each folder. */
export const findLibraries = async (machine: Machine, names: readonly string[], folders: readonly LibraryFolder[], cache: LoaderCache): Promise<readonly LibraryFinding[]> => {
  const listed = await Promise.all(folders.map(async (folder) => ({ folder, names: await machine.list(folder.path) })));
  const places = (wanted: (name: string) => boolean): Place[] => {
    const inFolders = listed.flatMap(({ folder, names: there }) => there.filter(wanted).map((name): Place => ({ ...folder, path: `${folder.path}/${name}` })));
    const cached = [...cache].filter(([name]) => wanted(name)).map(([, path]): Place => ({ path, origin: "loader", reachable: true }));
    return [...inFolders.filter(({ reachable }) => reachable), ...cached, ...inFolders.filter(({ reachable }) => !reachable)];
  };
  return names.map((name) => {
    const [best] = places((candidate) => candidate === name);
    const others = places((candidate) => candidate !== name && stem(candidate) === stem(name) && /\.so\.\d+$/.test(candidate)).map(({ path }) => path);
    return { name, path: best?.path ?? null, origin: best?.origin ?? null, reachable: best?.reachable === true, others: [...new Set(others)] };
  });
};
