import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import manifest from "../../../package.json";
import { silent } from "../../../src/core/progress.ts";
import { MANIFEST_FILE } from "../../../src/gpu-setup/manifest.ts";
import { nodeMachine } from "../../../src/gpu-setup/node-machine.ts";
import { COMMANDS, SETTINGS, SETTINGS_SECTION } from "../../../src/vscode/contributions.ts";
import { GpuSupport } from "../../../src/vscode/gpu/gpu-support.ts";
import { endedWithParent } from "../gpu-setup/ended-with-parent.ts";
import { proxyEnvironment } from "../../../src/vscode/gpu/proxy-setting.ts";
import { folderWithLibraries, withFolders, withoutFolder } from "../../../src/vscode/gpu/library-setting.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** An extension's folder with its own command line, inside node_modules so that it finds onnxruntime-node. */
const EXTENSION = path.join(ROOT, "node_modules/.cache/jacobian-lens", `extension-${process.pid}`);
beforeAll(async () => {
  await mkdir(path.join(EXTENSION, "dist"), { recursive: true });
  const options: BuildOptions = { outdir: path.join(EXTENSION, "dist"), outExtension: { ".js": ".cjs" }, bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "error" };
  await build({ ...options, entryPoints: [{ in: path.join(ROOT, "src/cli/main.ts"), out: "cli" }, { in: path.join(ROOT, "src/worker/lifeline.ts"), out: "lifeline" }], external: ["onnxruntime-node"] });
  await build({ ...options, entryPoints: [{ in: path.join(ROOT, "src/gpu-setup/installer/main.ts"), out: "gpu-installer" }] });
});
afterAll(() => rm(EXTENSION, { recursive: true }));

let storage = "";
let folders: unknown = [];
let settings: Readonly<Record<string, unknown>> = {};
let proxy: Readonly<Record<string, string>> = {};
let logged: string[] = [];
beforeEach(async () => {
  storage = await mkdtemp(path.join(tmpdir(), "lens-support-"));
  [folders, settings, proxy, logged] = [[], {}, {}, []];
  return () => rm(storage, { recursive: true });
});

const supportOf = (extension: string): GpuSupport =>
  new GpuSupport({ extension, storage, setting: (key) => (key === SETTINGS.gpuLibraryFolders ? folders : settings[key]), proxy: () => proxy, log: (line) => void logged.push(line) });

const support = (): GpuSupport => supportOf(EXTENSION);

describe("where libraries are loaded from", () => {
  const key = `${SETTINGS_SECTION}.${SETTINGS.gpuLibraryFolders}` as const;

  it("is the user's to say, never a workspace's", () => {
    expect(manifest.contributes.configuration.properties[key].scope).toBe("machine");
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toContain(key);
    expect(manifest.contributes.commands.find(({ command }) => command === COMMANDS.setUpGpu)?.enablement).toBe("isWorkspaceTrusted");
  });

  it("is nothing where the setting is of another type", async () => {
    folders = "/a";
    expect([support().folders(), await support().environment()]).toEqual([[], {}]);
    folders = ["/a", 7, ""];
    expect(support().folders()).toEqual(["/a"]);
  });

  it("is each folder once, the new ones first", () => {
    expect(withFolders(["/a", "/b"], ["/b", "/c"])).toEqual(["/b", "/c", "/a"]);
    expect(withoutFolder(["/a", "/b"], "/a")).toEqual(["/b"]);
  });
});

describe("a folder that the user chooses", () => {
  it("may be the root of a toolkit: its lib64 is taken", async () => {
    await mkdir(path.join(storage, "lib64"));
    await writeFile(path.join(storage, "lib64", "libcudnn.so.9"), "");
    expect(await folderWithLibraries(nodeMachine(), storage)).toBe(path.join(storage, "lib64"));
  });

  it.each(["libonnxruntime_providers_cuda.so", "libcudart.so.12", "libcublasLt.so.12"])("is taken when it holds %s", async (name) => {
    await writeFile(path.join(storage, name), "");
    expect(await folderWithLibraries(nodeMachine(), storage)).toBe(storage);
  });

  it.each([["holds no such library", ""], ["is not there", "/not/there"], ["is no full path", "relative"]])("is refused when it %s", async (_, name) => {
    await expect(folderWithLibraries(nodeMachine(), name === "" ? storage : name)).rejects.toMatchObject({ code: "GPU_FOLDER" });
  });
});

describe("the doctor, as the command asks it", () => {
  it("gives the report as data and as text, and leaves no file", async () => {
    const { report, text } = await support().diagnose();
    expect(report.providers[0]).toMatchObject({ provider: "cpu", usable: true });
    expect(report.gpu?.onnxruntime).toBe(report.onnxruntime);
    expect(text).toContain("onnxruntime-node");
    expect(await readdir(storage)).toEqual([]);
  });

  it.each([[{}, undefined], [{ [SETTINGS.deviceId]: 2 }, "2"]])("asks about the device of the settings %j", async (own, device) => {
    settings = own;
    await mkdir(path.join(storage, "dist"));
    await writeFile(path.join(storage, "dist", "cli.cjs"), `const { argv } = process; require("fs").writeFileSync(argv[argv.indexOf("--json") + 1], "{}"); console.log(argv.slice(2).join(" "));`);
    const { text } = await supportOf(storage).diagnose();
    expect(/--device (\S+)/.exec(text)?.[1]).toBe(device);
  });

  it("ends when it is cancelled", async () => {
    await expect(support().diagnose(AbortSignal.timeout(50))).rejects.toMatchObject({ code: "CANCELLED" });
  });

  const posix = process.platform !== "win32";
  it(posix ? "ends with the window that asked" : "is not watched here: there is no shell for a slow nvidia-smi", async () => {
    if (!posix) return;
    const pidFile = path.join(storage, "pid");
    // A tool that the doctor calls and that takes long; its parent is the doctor.
    await writeFile(path.join(storage, "nvidia-smi"), `#!/bin/sh\necho $PPID > "${pidFile}"\nexec sleep 8\n`, { mode: 0o755 });
    const program = `import { GpuSupport } from "./src/vscode/gpu/gpu-support.ts"; void new GpuSupport({ ...${JSON.stringify({ extension: EXTENSION, storage })}, setting: () => [], proxy: () => ({}), log: () => undefined }).diagnose();`;
    await endedWithParent({ program, root: ROOT, file: path.join(storage, "parent.cjs"), pidFile, environment: { PATH: `${storage}:${process.env.PATH ?? ""}` } });
  }, 20_000);

  it("says so when the program is not there", async () => {
    await expect(supportOf(storage).diagnose()).rejects.toMatchObject({ code: "GPU_DOCTOR" });
  });
});

describe("an installation", () => {
  it("is refused before anything is fetched or placed where the feed's record cannot be had", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
    try {
      const offered = { id: "cuda12", cuda: 12, files: [], name: "Some.Package", version: "1.30.0", feed: "https://feed.example/index.json" };
      await expect(support().install(offered, "1.30.0", silent, new AbortController().signal)).rejects.toMatchObject({ code: "GPU_CHECKSUM" });
    } finally {
      vi.unstubAllEnvs();
    }
    expect(await readdir(storage)).toEqual([]);
  });
});

describe("the proxy of VS Code's settings", () => {
  const of = (own: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> => proxyEnvironment((key) => own[key]);

  it("is handed on with the hosts that go without it, unless it is off or not set", () => {
    const both = { "http.proxy": "http://proxy:3128", "http.noProxy": ["intern", "*.intern", ""] };
    expect(of(both)).toEqual({ GLOBAL_AGENT_HTTPS_PROXY: "http://proxy:3128", GLOBAL_AGENT_NO_PROXY: "intern,*.intern" });
    expect([of({ ...both, "http.proxySupport": "off" }), of({ "http.proxy": "", "http.noProxy": [] }), of({ "http.proxy": 7 })]).toEqual([{}, {}, {}]);
  });

  it("is asked for the feed, whatever the environment says", async () => {
    const asked: string[] = [];
    const server = createServer().on("connect", ({ url = "" }: IncomingMessage, socket: Duplex) => {
      asked.push(url);
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
    try {
      proxy = of({ "http.proxy": `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
      const offered = { id: "cuda12", cuda: 12, files: [], name: "Some.Package", version: "1.30.0", feed: "https://feed.example/index.json" };
      await expect(support().install(offered, "1.30.0", silent, new AbortController().signal)).rejects.toMatchObject({ code: "GPU_CHECKSUM", hint: expect.stringContaining("http.proxy") as string });
      expect(new Set(asked)).toEqual(new Set(["feed.example:443"]));
    } finally {
      vi.unstubAllEnvs();
      server.close();
    }
  });
});

describe("what was installed", () => {
  it("is found, checked and removed with the links to it; other files stay", async () => {
    const folder = path.join(storage, "onnxruntime-1.30.0-cuda12");
    for (const name of [folder, path.join(storage, "linked-abc"), path.join(storage, "onnxruntime-without-manifest")]) await mkdir(name);
    await writeFile(path.join(folder, "a.so"), "");
    await writeFile(path.join(folder, MANIFEST_FILE), JSON.stringify({ schema: 1, onnxruntime: "1.30.0", files: [{ name: "a.so", bytes: 1, sha256: "00" }] }));
    const [installed, ...others] = await support().installed();
    expect([installed?.folder, others]).toEqual([folder, []]);
    expect(installed && (await support().changed(installed))).toEqual(["a.so"]);
    await support().remove(folder);
    expect(await readdir(storage)).toEqual(["onnxruntime-without-manifest"]);
  });
});
