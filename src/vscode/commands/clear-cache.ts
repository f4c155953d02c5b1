import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { Command } from "./command.ts";

/** Bytes of the files of a folder; one that is not there has none. */
const sizeOfFolder = async (folder: string): Promise<number> => {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(path.join(folder, name)).then(({ size }) => size, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
};

/** Deletes the stored Gram matrices. No question before: all they save is computing them again. Resolves to the bytes freed. */
export const clearCache: Command = async ({ cacheFolder }) => {
  const bytes = await sizeOfFolder(cacheFolder);
  await rm(cacheFolder, { recursive: true, force: true });
  void vscode.window.showInformationMessage(vscode.l10n.t("Stored Gram matrices deleted: {0} MiB.", (bytes / 2 ** 20).toFixed(1)));
  return bytes;
};
