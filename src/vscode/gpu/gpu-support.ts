import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { DoctorReport } from "../../analysis/doctor.ts";
import { LensError, throwIfAborted } from "../../core/errors.ts";
import type { Progress } from "../../core/progress.ts";
import { installProviders } from "../../gpu-setup/install.ts";
import { removeAbandoned } from "../../gpu-setup/install-staging.ts";
import { askRecord } from "../../gpu-setup/installer-record.ts";
import { libraryEnvironment } from "../../gpu-setup/library-path.ts";
import { changedFiles, type InstallManifest, readManifest, uninstall } from "../../gpu-setup/manifest.ts";
import { nodeMachine } from "../../gpu-setup/node-machine.ts";
import type { ProviderPackage } from "../../gpu-setup/package-metadata.ts";
import { runTied } from "../../gpu-setup/tied-process.ts";
import { SETTINGS } from "../contributions.ts";
import { type ReadSetting, requestFromSettings } from "../settings.ts";

/** The command line's hidden argument before the others with which it holds its lifeline (src/cli/supervise.ts). */
const SUPERVISED = "--supervised";

export interface GpuSupportOptions {
  /** Full path of the extension's folder. */
  readonly extension: string;
  /** Folder of the extension's own for libraries and links, the same for every workspace. */
  readonly storage: string;
  readonly setting: ReadSetting;
  /** Variables that tell processes which fetch of the network's proxy. */
  readonly proxy: () => Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/** Libraries that were installed from here. */
export interface Installed {
  readonly folder: string;
  readonly manifest: InstallManifest;
}

/** What the doctor found, as data and as the text that the command line prints. */
export interface Diagnosis {
  readonly report: DoctorReport;
  readonly text: string;
}

/** Everything about GPUs that does not ask the user anything: what is set, what is installed, what is found. Making one does nothing. */
export class GpuSupport {
  constructor(private readonly options: GpuSupportOptions) {}

  /** The folders of the setting, as written. */
  folders(): readonly string[] {
    const value = this.options.setting(SETTINGS.gpuLibraryFolders);
    return Array.isArray(value) ? (value as unknown[]).filter((folder): folder is string => typeof folder === "string" && folder !== "") : [];
  }

  /** What the environment of processes that run ONNX Runtime has beside this one's: the folders of the setting come first. */
  environment(): Promise<Readonly<Record<string, string>>> {
    const { storage, log } = this.options;
    return libraryEnvironment(nodeMachine(), { folders: this.folders(), storage, packageFolder: this.packageFolder, log });
  }

  /**
   * Runs the command line's doctor in a process of its own, which ends with this one, with the environment and on the device that a worker
   * would get. Cost: one to three seconds.
   * @throws LensError GPU_DOCTOR, CANCELLED
   */
  async diagnose(signal?: AbortSignal): Promise<Diagnosis> {
    const { extension, storage, setting } = this.options;
    const { deviceId } = requestFromSettings(setting);
    const file = path.join(storage, `doctor-${process.pid}-${Date.now()}.json`);
    try {
      await mkdir(storage, { recursive: true });
      const environment = { ...process.env, ...(await this.environment()) };
      const { stdout: text } = await runTied({ script: path.join(extension, "dist", "cli.cjs"), args: [SUPERVISED, "doctor", "--json", file, ...(deviceId === undefined ? [] : ["--device", String(deviceId)])], environment, signal });
      throwIfAborted(signal);
      // The exit status says whether the CPU works; the report says so too, and why.
      const report = JSON.parse(await readFile(file, "utf8")) as DoctorReport;
      return { report, text };
    } catch (error) {
      throwIfAborted(signal);
      throw new LensError("GPU_DOCTOR", `The providers could not be tried: ${String(error)}.`, "Reinstall the extension; if that does not help, report it with the log.", { cause: error });
    } finally {
      await rm(file, { force: true });
    }
  }

  /** What was installed from here, newest version last. Deletes what an installation left that was killed on its way. */
  async installed(): Promise<readonly Installed[]> {
    await removeAbandoned(this.options.storage);
    const names = await readdir(this.options.storage).catch(() => []);
    const found = await Promise.all(names.filter((name) => name.startsWith("onnxruntime-")).sort().map(async (name) => {
      const folder = path.join(this.options.storage, name);
      const manifest = await readManifest(folder);
      return manifest === null ? null : { folder, manifest };
    }));
    return found.filter((entry) => entry !== null);
  }

  /** Fetches and installs what the package offers; returns the folder. @throws LensError GPU_*, CANCELLED; nothing is left behind then */
  async install(offered: ProviderPackage, onnxruntime: string, progress: Progress, signal: AbortSignal): Promise<string> {
    const { extension, storage, log } = this.options;
    const environment = this.options.proxy();
    progress(0, "asking the feed");
    const installer = path.join(extension, "dist", "gpu-installer.cjs");
    const published = await askRecord({ installer, offered, signal, environment });
    if (published?.sha512 === undefined || published.sha512 === null) log(`${offered.feed} has no hash of ${offered.name} ${offered.version}: what is fetched is not compared with one.`);
    const folder = await installProviders({ installer, storage, offered, onnxruntime, published, progress, signal, environment });
    const manifest = await readManifest(folder);
    for (const { name, bytes, sha256 } of manifest?.files ?? []) log(`installed ${path.join(folder, name)}: ${bytes} bytes, SHA-256 ${sha256}`);
    return folder;
  }

  /** Names of installed files that are not as they were installed. Cost: reads them all. */
  changed({ folder, manifest }: Installed): Promise<readonly string[]> {
    return changedFiles(folder, manifest);
  }

  /** Undoes an installation; returns what is left in its folder because it is not from here. @throws LensError GPU_REMOVE */
  async remove(folder: string): Promise<readonly string[]> {
    const left = await uninstall(folder);
    // Links to what is gone; the ones in use are made again when they are needed.
    const names = await readdir(this.options.storage).catch(() => []);
    for (const name of names.filter((entry) => entry.startsWith("linked-"))) await rm(path.join(this.options.storage, name), { recursive: true, force: true });
    return left;
  }

  private get packageFolder(): string {
    return path.join(this.options.extension, "node_modules", "onnxruntime-node");
  }
}
