/**
 * What looking at a computer needs of it: files, programs and environment. Tests give a table of files; `nodeMachine` is this computer.
 * Nothing here throws: what is not there, or may not be read, is null or empty.
 */
export interface Machine {
  /** As Node names them: "linux", "win32", "darwin" … and "x64", "arm64" … */
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder; "" where there is none. */
  readonly home: string;
  /** A text file, whole; null when it cannot be read. */
  text(path: string): Promise<string | null>;
  /** `length` bytes from position `from`, fewer at the end of the file; null when it cannot be read. The caller owns them. */
  bytes(path: string, from: number, length: number): Promise<Uint8Array | null>;
  /** The names in a folder, sorted; empty when it is not there. */
  list(folder: string): Promise<readonly string[]>;
  /** Whether a file or folder is there; a link whose target is gone is not. */
  exists(path: string): Promise<boolean>;
  /** Standard output of a program that ended with status 0 within ten seconds; null otherwise. No shell is involved. */
  run(program: string, args: readonly string[]): Promise<string | null>;
  /** The programs that had not ended by then: they are not run again. */
  readonly hung: ReadonlySet<string>;
}

/** A folder below the user's home; none where there is no home. */
export const inHome = ({ home }: Machine, name: string): readonly string[] => (home === "" ? [] : [`${home}/${name}`]);

/** Entries of a list of folders in the environment, such as PATH; empty ones mean the current folder and are left out. */
export const pathList = (value: string | undefined, separator = ":"): readonly string[] => (value ?? "").split(separator).filter((entry) => entry !== "");

/** Those of `paths` that are there, in order. */
export const existing = async (machine: Machine, paths: readonly string[]): Promise<string[]> => {
  const there = await Promise.all(paths.map((path) => machine.exists(path)));
  return paths.filter((_, i) => there[i] === true);
};

/** Full paths of the entries of a folder whose names match. */
export const entries = async (machine: Machine, folder: string, name = /^/): Promise<string[]> =>
  (await machine.list(folder)).filter((entry) => name.test(entry)).map((entry) => `${folder}/${entry}`);
