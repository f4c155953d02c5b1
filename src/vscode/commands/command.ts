import * as vscode from "vscode";
import { isCancelled, toLensError } from "../../core/errors.ts";
import type { App } from "../app.ts";

/** What a command does; arguments come from menus, links and other extensions and are checked by who uses them. */
export type Command = (app: App, ...args: readonly unknown[]) => Promise<unknown>;

/** The one place that turns a thrown error into a log line and a message. Cancelling is not an error. Every command goes through here. */
export const register = (app: App, id: string, command: Command): vscode.Disposable =>
  vscode.commands.registerCommand(id, async (...args: unknown[]) => {
    const begin = performance.now();
    try {
      return await command(app, ...args);
    } catch (error) {
      if (!isCancelled(error)) app.report(toLensError(error));
      return undefined;
    } finally {
      app.log.debug(`${id}: ${(performance.now() - begin).toFixed(0)} ms`);
    }
  });
