import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { askRecord, type RecordQuestion } from "../../../src/gpu-setup/installer-record.ts";
import type { ProviderPackage } from "../../../src/gpu-setup/package-metadata.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const FAKE_FEED = fileURLToPath(new URL("fake-feed.cjs", import.meta.url));

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "lens-record-"));
  await build({ entryPoints: [path.join(ROOT, "src/gpu-setup/installer/main.ts")], outfile: path.join(folder, "installer.cjs"), bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "error" });
});
afterAll(() => rm(folder, { recursive: true }));

let feed = "";
beforeEach(async () => { feed = await mkdtemp(path.join(folder, "feed-")); });
afterEach(() => { vi.unstubAllEnvs(); });

const offered: ProviderPackage = { id: "cuda12", cuda: 12, files: [], name: "Some.Package", version: "1.30.0", feed: "https://feed.example/index.json" };
const question = (environment: Readonly<Record<string, string>>): RecordQuestion => ({ installer: path.join(folder, "installer.cjs"), offered, environment });
const fromFiles = (): RecordQuestion => question({ NODE_OPTIONS: `--require ${FAKE_FEED}`, FAKE_FEED: feed });

const publish = async (documents: Readonly<Record<string, unknown>>): Promise<void> => {
  for (const [address, document] of Object.entries(documents)) await writeFile(path.join(feed, address.replace(/[^a-z0-9.]/gi, "_")), typeof document === "string" ? document : JSON.stringify(document));
};

const INDEX = { resources: [{ "@type": "RegistrationsBaseUrl", "@id": "https://feed.example/reg/" }] };
const LEAF = "https://feed.example/reg/some.package/1.30.0.json";
const NOT_FETCHED = "What feed.example publishes of Some.Package 1.30.0 (its size and hash) could not be fetched: ";

describe("the record of a package, asked by the installer's program", () => {
  it("has the size and the hash that the feed publishes", async () => {
    await publish({ [offered.feed]: INDEX, [LEAF]: { catalogEntry: { packageHash: "aGFzaA==", packageHashAlgorithm: "SHA512", packageSize: 300 } } });
    expect(await askRecord(fromFiles())).toEqual({ sha512: "aGFzaA==", bytes: 300 });
  });

  it("is null where the feed says that it has none", async () => {
    await publish({ [offered.feed]: INDEX });
    expect(await askRecord(fromFiles())).toBeNull();
  });

  it("is refused where a page of the network answers in place of the feed", async () => {
    await publish({ [offered.feed]: "<html>log in</html>" });
    await expect(askRecord(fromFiles())).rejects.toMatchObject({ code: "GPU_CHECKSUM", message: expect.stringContaining(`${NOT_FETCHED}${offered.feed}: SyntaxError`) as string });
  });

  it("ends when it is cancelled", async () => {
    await expect(askRecord({ ...question({}), signal: AbortSignal.timeout(1) })).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

describe("the proxy of the network", () => {
  let proxy: Server;
  let asked: (string | undefined)[] = [];
  beforeEach(async () => {
    asked = [];
    proxy = createServer().on("connect", ({ url }, socket) => {
      asked.push(url);
      socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    });
    await new Promise<void>((resolve) => { proxy.listen(0, "127.0.0.1", resolve); });
    return () => { proxy.close(); };
  });
  const address = (): string => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

  it.each(["HTTPS_PROXY", "https_proxy", "GLOBAL_AGENT_HTTPS_PROXY"])("is asked as %s names it, and its refusal is not taken for a feed without a record", async (name) => {
    for (const other of ["HTTPS_PROXY", "https_proxy", "GLOBAL_AGENT_HTTPS_PROXY", "NO_PROXY", "no_proxy"]) vi.stubEnv(other, undefined);
    vi.stubEnv(name, address());
    await expect(askRecord(question({}))).rejects.toMatchObject({ code: "GPU_CHECKSUM", message: expect.stringContaining(NOT_FETCHED) as string, hint: expect.stringContaining("HTTPS_PROXY") as string });
    expect(asked).toEqual(["feed.example:443"]);
  });

  it("leads to the feed by its name, with which its certificate is compared", async () => {
    const tunnel = createServer().on("connect", (_, socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      // The first that a client says of TLS holds the name of the server that it wants (RFC 6066, section 3).
      socket.once("data", (hello: Buffer) => {
        asked.push(/feed\.example/.exec(hello.toString("latin1"))?.[0]);
        socket.destroy();
      });
    });
    await new Promise<void>((resolve) => { tunnel.listen(0, "127.0.0.1", resolve); });
    try {
      await expect(askRecord(question({ GLOBAL_AGENT_HTTPS_PROXY: `http://127.0.0.1:${(tunnel.address() as AddressInfo).port}` }))).rejects.toMatchObject({ code: "GPU_CHECKSUM" });
    } finally {
      tunnel.close();
    }
    expect(asked).toEqual(["feed.example"]);
  });

  it("that cannot be reached is said", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
    await expect(askRecord(question({}))).rejects.toMatchObject({ code: "GPU_CHECKSUM", message: `${NOT_FETCHED}connect ECONNREFUSED 127.0.0.1:9.` });
  });
});
