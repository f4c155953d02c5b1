import * as vscode from "vscode";
import type { App } from "../app.ts";
import { COMMANDS, type CommandName, SETTINGS_SECTION } from "../contributions.ts";
import { setUpGpu } from "../gpu/set-up-gpu.ts";
import { analyze, analyzeAgain } from "./analyze.ts";
import { clearCache } from "./clear-cache.ts";
import { register, type Command } from "./command.ts";
import { deleteResult, exportResult, openLastResult, showResult } from "./results.ts";

const openLog: Command = (app) => {
  app.status.seen();
  app.log.show();
  return Promise.resolve();
};

const openSettings: Command = async () => {
  await vscode.commands.executeCommand("workbench.action.openSettings", SETTINGS_SECTION);
};

/** All commands; one without an entry does not compile. */
const commands: Readonly<Record<CommandName, Command>> = {
  analyze, analyzeAgain, openLastResult, showResult, exportResult, deleteResult, clearCache, openLog, openSettings, setUpGpu,
};

const names = Object.keys(COMMANDS) as CommandName[];

export const registerCommands = (app: App): vscode.Disposable[] => names.map((name) => register(app, COMMANDS[name], commands[name]));
