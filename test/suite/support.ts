import assert from "node:assert/strict";
import path from "node:path";
import * as vscode from "vscode";
import type { LensApi } from "../../src/vscode/extension.ts";
import { EXTENSION_ID } from "../../src/vscode/contributions.ts";

/** The extension under test, activated. */
export const lens = async (): Promise<LensApi> => {
  const extension = vscode.extensions.getExtension<LensApi>(EXTENSION_ID);
  assert.ok(extension, `${EXTENSION_ID} is not there`);
  return extension.activate();
};

/** A file of the workspace, a copy of examples/digits. */
export const inWorkspace = (...parts: string[]): string => {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, "the suite runs in a folder");
  return path.join(folder.uri.fsPath, ...parts);
};

export const MODEL = ["clean", "step_20000.onnx"] as const;
export const DATA = ["clean", "train.npz"] as const;

/** A request that takes a second or so. */
export const request = (samples = 60): { readonly model: string; readonly data: string; readonly samples: number } => ({ model: inWorkspace(...MODEL), data: inWorkspace(...DATA), samples });

/** Waits until `found` gives something. */
export const until = async <T>(what: string, found: () => T | undefined | null | false | Promise<T | undefined | null | false>, milliseconds = 10_000): Promise<T> => {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await found();
    if (value !== undefined && value !== null && value !== false) return value;
    assert.ok(Date.now() < end, `${what}: not within ${milliseconds} ms`);
    await new Promise((later) => setTimeout(later, 20));
  }
};

/** The error a promise is rejected with. */
export const rejection = async (promise: Promise<unknown>): Promise<Error & { readonly code?: unknown; readonly hint?: unknown }> => {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  assert.ok(error instanceof Error, "was not rejected with an error");
  return error;
};

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
