import { spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { zipSync } from "fflate";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { silent } from "../../../src/core/progress.ts";
import { installationFolder, installProviders, type InstallOptions } from "../../../src/gpu-setup/install.ts";
import { changedFiles, MANIFEST_FILE, readManifest, uninstall } from "../../../src/gpu-setup/manifest.ts";
import { nodeMachine } from "../../../src/gpu-setup/node-machine.ts";
import { readPackageMetadata, type ProviderPackage } from "../../../src/gpu-setup/package-metadata.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PACKAGE = path.join(ROOT, "node_modules/onnxruntime-node");
const FAKE_FEED = fileURLToPath(new URL("fake-feed.cjs", import.meta.url));

let folder = "";
let offered: ProviderPackage;
let onnxruntime = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "lens-gpu-"));
  for (const [name, entry] of Object.entries({ installer: "src/gpu-setup/installer/main.ts", lifeline: "src/worker/lifeline.ts" })) {
    await build({ entryPoints: [path.join(ROOT, entry)], outfile: path.join(folder, `${name}.cjs`), bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "error" });
  }
  const metadata = await readPackageMetadata({ ...nodeMachine(), platform: "linux", arch: "x64" }, PACKAGE);
  if (!metadata?.provider) throw new Error("onnxruntime-node offers nothing to install for Linux any more");
  ({ version: onnxruntime, provider: offered } = metadata);
});
afterAll(() => rm(folder, { recursive: true }));

let storage = "";
let feed = "";
beforeEach(async () => {
  storage = await mkdtemp(path.join(folder, "storage-"));
  feed = await mkdtemp(path.join(folder, "feed-"));
});

const content = (name: string): Buffer => Buffer.from(`library ${name} `.repeat(1000));

/** A package as the feed has it; returns its bytes. */
const publish = async (names: readonly string[] = offered.files): Promise<Uint8Array> => {
  const bytes = zipSync(Object.fromEntries(names.map((name) => [`runtimes/linux-x64/native/${name}`, new Uint8Array(content(name))])));
  const base = "https://packages.example/flat/";
  const name = offered.name.toLowerCase();
  const files: Readonly<Record<string, string | Uint8Array>> = {
    [offered.feed]: JSON.stringify({ resources: [{ "@type": "PackageBaseAddress/3.0.0", "@id": base }] }),
    [`${base}${name}/index.json`]: JSON.stringify({ versions: [offered.version] }),
    [`${base}${name}/${offered.version}/${name}.${offered.version}.nupkg`]: bytes,
  };
  for (const [address, file] of Object.entries(files)) await writeFile(path.join(feed, address.replace(/[^a-z0-9.]/gi, "_")), file);
  return bytes;
};

const options = (changes: Partial<InstallOptions> = {}): InstallOptions => ({
  installer: path.join(folder, "installer.cjs"), storage, offered, onnxruntime, published: null, progress: silent,
  environment: { NODE_OPTIONS: `--require ${FAKE_FEED}`, FAKE_FEED: feed }, ...changes,
});

const sha512 = (bytes: Uint8Array): string => createHash("sha512").update(bytes).digest("base64");
const codeOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => "no error", (error: unknown) => (error as { readonly code?: unknown }).code);

const here = process.platform === "linux" && process.arch === "x64";

describe("what is offered", () => {
  it("is read from the installed package: CUDA 12's provider of its own version, from an https feed", () => {
    expect(offered).toMatchObject({ id: "cuda12", cuda: 12, version: onnxruntime, feed: expect.stringMatching(/^https:/) as string });
    expect(offered.files).toContain("libonnxruntime_providers_cuda.so");
  });
});

const installing = (): void => {
  it("puts the libraries in a folder of their own, with a manifest of what they are", async () => {
    const bytes = await publish();
    const heard: string[] = [];
    const at = await installProviders(options({ published: { sha512: sha512(bytes), bytes: bytes.length }, progress: (_, label) => void heard.push(label) }));
    expect(at).toBe(installationFolder(storage, onnxruntime, "cuda12"));
    expect(await readdir(storage)).toEqual([path.basename(at)]);
    expect(await readFile(path.join(at, "libonnxruntime_providers_cuda.so"))).toEqual(content("libonnxruntime_providers_cuda.so"));
    const manifest = await readManifest(at);
    expect(manifest?.fetched).toEqual({ sha512: sha512(bytes), bytes: bytes.length, agrees: true });
    expect(manifest?.files[0]).toEqual({ name: offered.files[0], bytes: content(offered.files[0] ?? "").length, sha256: createHash("sha256").update(content(offered.files[0] ?? "")).digest("hex") });
    expect(heard.at(-1)).toBe("installed");
    expect((await readdir(path.join(PACKAGE, "bin/napi-v6/linux/x64"))).filter((name) => name.includes("providers"))).toEqual([]);
  });

  it("is asked to install even where the environment says skip", async () => {
    await publish();
    const before = process.env.ONNXRUNTIME_NODE_INSTALL;
    process.env.ONNXRUNTIME_NODE_INSTALL = "skip";
    try {
      expect(await codeOf(installProviders(options()))).toBe("no error");
    } finally {
      if (before === undefined) delete process.env.ONNXRUNTIME_NODE_INSTALL;
      else process.env.ONNXRUNTIME_NODE_INSTALL = before;
    }
  });

  it("leaves nothing behind when the feed cannot be reached, and says so", async () => {
    const offline = installProviders(options({ environment: { GLOBAL_AGENT_HTTPS_PROXY: "http://127.0.0.1:9" } }));
    await expect(offline).rejects.toMatchObject({ code: "GPU_INSTALL", message: "The provider libraries could not be fetched: connect ECONNREFUSED 127.0.0.1:9." });
    expect(await readdir(storage)).toEqual([]);
  });

  it("leaves nothing behind when the package lacks a library", async () => {
    await publish(["libonnxruntime_providers_cuda.so"]);
    const error = installProviders(options());
    await expect(error).rejects.toMatchObject({ code: "GPU_INSTALL", message: expect.stringContaining("libonnxruntime_providers_shared.so") as string });
    expect(await readdir(storage)).toEqual([]);
  });

  it("refuses a package that is not the one the feed publishes, and keeps what was installed before", async () => {
    await publish();
    const at = await installProviders(options());
    const before = await readManifest(at);
    expect(await codeOf(installProviders(options({ published: { sha512: sha512(Buffer.from("another")), bytes: null } })))).toBe("GPU_CHECKSUM");
    expect([await readdir(storage), await readManifest(at)]).toEqual([[path.basename(at)], before]);
  });

  it("refuses before fetching when the disk is too small", async () => {
    expect(await codeOf(installProviders(options({ published: { sha512: null, bytes: 2 ** 60 } })))).toBe("GPU_DISK");
    expect(await readdir(storage)).toEqual([]);
  });

  it("says where it could not write", async () => {
    await writeFile(path.join(storage, "file"), "");
    const blocked = installProviders(options({ storage: path.join(storage, "file") }));
    await expect(blocked).rejects.toMatchObject({ code: "GPU_INSTALL", message: expect.stringContaining(`below ${path.join(storage, "file")}: `) as string });
  });

  it("deletes first what a killed one left", async () => {
    await publish();
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await mkdir(path.join(storage, `staging-${pid}-${randomUUID()}`, "script"), { recursive: true });
    const at = await installProviders(options());
    expect(await readdir(storage)).toEqual([path.basename(at)]);
  });

  it("ends when it is cancelled and leaves nothing behind", async () => {
    await writeFile(path.join(folder, "endless.cjs"), "setInterval(() => undefined, 1000)");
    const stop = new AbortController();
    setTimeout(() => { stop.abort(); }, 200);
    expect(await codeOf(installProviders(options({ installer: path.join(folder, "endless.cjs"), signal: stop.signal })))).toBe("CANCELLED");
    expect(await readdir(storage)).toEqual([]);
  });
};

if (here) describe("the package's own installer", installing);
else it(`the package's own installer is not run here: it has nothing for ${process.platform} ${process.arch}`, () => { expect(here).toBe(false); });

/** A folder as an installation leaves it. */
const installed = async (names: readonly string[]): Promise<string> => {
  const at = path.join(storage, "installed");
  await mkdir(at);
  for (const name of names) await writeFile(path.join(at, path.basename(name)), name);
  const files = names.map((name) => ({ name, bytes: name.length, sha256: createHash("sha256").update(name).digest("hex") }));
  await writeFile(path.join(at, MANIFEST_FILE), JSON.stringify({ schema: 1, onnxruntime: "1.30.0", files }));
  return at;
};

describe("undoing an installation", () => {
  it("deletes the files of the manifest and the folder", async () => {
    const at = await installed(["a.so", "b.so"]);
    expect([await uninstall(at), await readdir(storage)]).toEqual([[], []]);
  });

  it("leaves what others put there", async () => {
    const at = await installed(["a.so"]);
    await writeFile(path.join(at, "mine.txt"), "");
    expect([await uninstall(at), await readdir(at)]).toEqual([["mine.txt"], ["mine.txt"]]);
  });

  it("never reaches outside of the folder, whatever the manifest names", async () => {
    const at = await installed(["a.so", "../precious"]);
    await writeFile(path.join(storage, "precious"), "");
    await uninstall(at);
    expect(await readdir(storage)).toEqual(["precious"]);
  });

  it.each([null, 7, { name: "a.so" }, { name: null, bytes: 1, sha256: "00" }])("refuses a manifest with an entry that names no file: %j", async (entry) => {
    const at = await installed(["a.so"]);
    await writeFile(path.join(at, MANIFEST_FILE), JSON.stringify({ schema: 1, onnxruntime: "1.30.0", files: [entry] }));
    expect([await codeOf(uninstall(at)), await readdir(at)]).toEqual(["GPU_REMOVE", ["a.so", MANIFEST_FILE]]);
  });

  it("refuses a folder that was not installed from here", async () => {
    expect(await codeOf(uninstall(storage))).toBe("GPU_REMOVE");
  });
});

it("files that were changed after the installation are found by their hash", async () => {
  const at = await installed(["a.so", "b.so", "c.so"]);
  await writeFile(path.join(at, "b.so"), "!.so");
  await rm(path.join(at, "c.so"));
  const manifest = await readManifest(at);
  expect(manifest && (await changedFiles(at, manifest))).toEqual(["b.so", "c.so"]);
});
