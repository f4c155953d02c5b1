import { execFile } from "node:child_process";
import { lstat, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { libraryEnvironment, linkProviders, type LibraryPathOptions } from "../../../src/gpu-setup/library-path.ts";
import type { Machine } from "../../../src/gpu-setup/machine.ts";
import { MANIFEST_FILE } from "../../../src/gpu-setup/manifest.ts";
import { nodeMachine } from "../../../src/gpu-setup/node-machine.ts";
import { binFolder, RUNTIME_LIBRARY } from "../../../src/gpu-setup/provider-folders.ts";

const PACKAGE = fileURLToPath(new URL("../../../node_modules/onnxruntime-node", import.meta.url));
const RUNTIME = binFolder(PACKAGE, { platform: "linux", arch: "x64" });

let root = "";
beforeAll(async () => { root = await mkdtemp(path.join(tmpdir(), "lens-path-")); });
afterAll(() => rm(root, { recursive: true }));

let storage = "";
let providers = "";
let logged: string[] = [];
beforeEach(async () => {
  storage = await mkdtemp(path.join(root, "storage-"));
  providers = await mkdtemp(path.join(root, "providers-"));
  logged = [];
  for (const name of ["libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so", "unrelated.txt"]) await writeFile(path.join(providers, name), "not a library");
});

const machine = (env: Record<string, string> = {}): Machine => ({ ...nodeMachine({ env }), platform: "linux", arch: "x64" });
const options = (folders: readonly string[]): LibraryPathOptions => ({ folders, storage, packageFolder: PACKAGE, log: (line) => void logged.push(line) });

describe("the environment of a process that runs ONNX Runtime", () => {
  it("is left alone where no folder is set, and on Windows", async () => {
    expect(await libraryEnvironment(machine({ LD_LIBRARY_PATH: "/a" }), options([]))).toEqual({});
    expect(await libraryEnvironment({ ...machine(), platform: "win32" }, options([providers]))).toEqual({});
  });

  it("has the folders first, in their order", async () => {
    const plain = await mkdtemp(path.join(root, "plain-"));
    expect(await libraryEnvironment(machine({ LD_LIBRARY_PATH: "/before:/other" }), options([plain, root]))).toEqual({ LD_LIBRARY_PATH: `${plain}:${root}:/before:/other` });
  });

  it("leaves out what is no full path of a folder that is there, and says so", async () => {
    expect(await libraryEnvironment(machine(), options(["relative", "/not/there", "/a:/b"]))).toEqual({});
    expect(logged.map((line) => /: (\S+) is not the full path/.exec(line)?.[1])).toEqual(["relative", "/not/there", "/a:/b"]);
  });

  it("begins with a folder where runtime and provider meet, when one of the folders has the provider", async () => {
    const { LD_LIBRARY_PATH = "" } = await libraryEnvironment(machine(), options([providers]));
    const [linked = "", ...others] = LD_LIBRARY_PATH.split(":");
    expect([path.dirname(linked), others]).toEqual([storage, [providers]]);
    expect(await readdir(linked)).toEqual([RUNTIME_LIBRARY, "libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so"]);
    expect(await readlink(path.join(linked, RUNTIME_LIBRARY))).toBe(path.join(RUNTIME, RUNTIME_LIBRARY));
  });

  it("is the plain folders where the provider cannot be linked, and says why: an analysis on the CPU needs no link", async () => {
    const file = path.join(storage, "file");
    await writeFile(file, "");
    expect(await libraryEnvironment(machine(), { ...options([providers]), storage: file })).toEqual({ LD_LIBRARY_PATH: providers });
    expect(logged).toEqual([expect.stringMatching(`^${providers} holds the CUDA provider, but it cannot be linked to ONNX Runtime below ${file}: Error: ENOTDIR`)]);
  });

  it("does without a provider that was installed for another version", async () => {
    await writeFile(path.join(providers, MANIFEST_FILE), JSON.stringify({ schema: 1, onnxruntime: "1.2.3", files: [] }));
    expect(await libraryEnvironment(machine(), options([providers]))).toEqual({ LD_LIBRARY_PATH: providers });
    expect(logged[0]).toContain("the CUDA provider of ONNX Runtime 1.2.3");
  });
});

describe("the folder of links", () => {
  it("is made by processes that start at once, and none of them finds it half made", async () => {
    for (let i = 0; i < 50; i++) {
      const fresh = await mkdtemp(path.join(root, "fresh-"));
      const both = await Promise.all([linkProviders(fresh, RUNTIME, providers), linkProviders(fresh, RUNTIME, providers)]);
      expect(new Set(both).size).toBe(1);
      expect(await readdir(both[0])).toEqual([RUNTIME_LIBRARY, "libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so"]);
    }
  });

  it("is replaced link by link while others use it", async () => {
    const folder = await linkProviders(storage, RUNTIME, providers);
    const at = path.join(folder, RUNTIME_LIBRARY);
    for (let i = 0; i < 20; i++) {
      await rm(at);
      await symlink("/elsewhere", at);
      await Promise.all([1, 2, 3].map(() => linkProviders(storage, RUNTIME, providers)));
      expect([await readlink(at), (await readdir(folder)).length]).toEqual([path.join(RUNTIME, RUNTIME_LIBRARY), 3]);
    }
  });

  it("follows what has changed, and is the same when nothing has", async () => {
    const first = await linkProviders(storage, RUNTIME, providers);
    const inode = (await lstat(path.join(first, RUNTIME_LIBRARY))).ino;
    await rm(path.join(providers, "libonnxruntime_providers_shared.so"));
    await symlink("/elsewhere", path.join(first, "libonnxruntime_providers_old.so"));
    expect(await linkProviders(storage, RUNTIME, providers)).toBe(first);
    expect(await readdir(first)).toEqual([RUNTIME_LIBRARY, "libonnxruntime_providers_cuda.so"]);
    expect((await lstat(path.join(first, RUNTIME_LIBRARY))).ino).toBe(inode);
  });

  it("is another one for another runtime", async () => {
    const other = path.join(root, "other-runtime");
    await mkdir(other);
    expect(await linkProviders(storage, other, providers)).not.toBe(await linkProviders(storage, RUNTIME, providers));
  });
});

/** What ONNX Runtime says when it is asked for CUDA in a process of this environment. */
const askForCuda = (env: Readonly<Record<string, string>>): Promise<string> =>
  new Promise((resolve) => {
    const program = `require(${JSON.stringify(PACKAGE)}).InferenceSession.create(new Uint8Array(8), { executionProviders: ["cuda"] }).catch(() => 0)`;
    execFile(process.execPath, ["-e", program], { env: { ...process.env, ...env } }, (_, stdout, stderr) => { resolve(stdout + stderr); });
  });

const here = process.platform === "linux" && process.arch === "x64";
if (here) {
  it("ONNX Runtime loads the provider from the folder of links: it opens the fake library there and finds that it is none", async () => {
    const env = await libraryEnvironment(nodeMachine(), options([providers]));
    const linked = env.LD_LIBRARY_PATH?.split(":")[0] ?? "";
    expect(await askForCuda(env)).toMatch(new RegExp(`Failed to load library ${linked}/libonnxruntime_providers_shared.so with error: .*(?:invalid ELF header|file too short)`));
    expect(await askForCuda({ LD_LIBRARY_PATH: "" })).toContain(`${RUNTIME}/libonnxruntime_providers_shared.so: cannot open shared object file`);
  });
} else it(`loading a provider through LD_LIBRARY_PATH is not run here: it is for Linux x64, not ${process.platform} ${process.arch}`, () => { expect(here).toBe(false); });
