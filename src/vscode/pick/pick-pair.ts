import path from "node:path";
import * as vscode from "vscode";
import { pickFile } from "./pick-file.ts";
import { DATA_ENDINGS, rankDataFiles } from "./rank-data-files.ts";

/** A model and the data it is analysed on, full paths. */
export interface Pair {
  readonly model: string;
  readonly data: string;
}

const LAST = "jacobianLens.lastPair";
const DATA_OF_MODEL = "jacobianLens.dataOfModel";
const REMEMBERED_MODELS = 100;

/** The pairs analysed last in this workspace. */
export class PairMemory {
  constructor(private readonly state: vscode.Memento) {}

  last(): Pair | undefined {
    return this.state.get<Pair>(LAST);
  }

  /** The data last used with a model, or with any. */
  dataFor(model: string): string | undefined {
    return this.state.get<Record<string, string>>(DATA_OF_MODEL)?.[model] ?? this.last()?.data;
  }

  async remember(pair: Pair): Promise<void> {
    const others = Object.entries(this.state.get<Record<string, string>>(DATA_OF_MODEL, {})).filter(([model]) => model !== pair.model);
    const kept = others.slice(-(REMEMBERED_MODELS - 1));
    await this.state.update(DATA_OF_MODEL, Object.fromEntries([...kept, [pair.model, pair.data]]));
    await this.state.update(LAST, pair);
  }
}

/** The .onnx file of the active editor tab, whatever shows it. */
const activeModel = (): string | undefined => {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = typeof input === "object" && input !== null && "uri" in input && input.uri instanceof vscode.Uri ? input.uri : undefined;
  return uri?.scheme === "file" && uri.fsPath.toLowerCase().endsWith(".onnx") ? uri.fsPath : undefined;
};

/** Asks for a model: the one in the active tab first, then the one analysed last. */
export const pickModel = (memory: PairMemory): Promise<string | undefined> => {
  const active = activeModel();
  const last = memory.last()?.model;
  const rank = (file: string): number => (file === active ? 0 : file === last ? 1 : 2);
  return pickFile({
    title: vscode.l10n.t("Analyze Jacobian (1/2): model"),
    placeholder: vscode.l10n.t("An ONNX model of this workspace"),
    endings: ["onnx"],
    kind: vscode.l10n.t("ONNX models"),
    order: (files) => [...files].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, undefined, { numeric: true })),
    note: (file) => (file === last ? vscode.l10n.t("analyzed last") : ""),
  });
};

/** Asks for the data of a model. */
export const pickData = (memory: PairMemory, model: string): Promise<string | undefined> => {
  const last = memory.dataFor(model);
  return pickFile({
    title: vscode.l10n.t("Analyze Jacobian (2/2): data for {0}", path.basename(model)),
    placeholder: vscode.l10n.t("A file with the inputs and, if there are any, the labels"),
    endings: DATA_ENDINGS,
    kind: vscode.l10n.t("Data files"),
    order: (files) => rankDataFiles(model, files, last),
    note: (file) => (file === last ? vscode.l10n.t("used last") : ""),
  });
};
