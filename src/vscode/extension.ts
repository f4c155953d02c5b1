import { type Duration, loadTime, stopwatch } from "./load-time.ts";
import * as vscode from "vscode";
import type { AnalysisRequest } from "../analysis/request.ts";
import type { ResultSummary } from "../protocol/worker.ts";
import { App } from "./app.ts";
import { registerCommands } from "./commands/index.ts";
import { LENS_PANEL, VIEWS } from "./contributions.ts";
import { registerHover } from "./hover/provider.ts";
import { requireTrust } from "./trust.ts";
import { ResultsTree } from "./views/results-tree.ts";
import { SidebarView } from "./views/sidebar.ts";

/** What other extensions, and the tests, get from this one. */
export interface LensApi {
  /** Milliseconds this extension took of the host's thread to load its code and activate; what the host did in between is not counted. */
  readonly activation: Duration;
  /** Analyzes and stores; resolves to the run's id. @throws LensError, with code and hint; CANCELLED after an abort of `signal` */
  analyse(request: AnalysisRequest, signal?: AbortSignal): Promise<string>;
  /** Headline figures of the stored results by run id, newest first. */
  results(): Promise<readonly (ResultSummary & { readonly runId: string })[]>;
  /** Full path of a stored result's JSON, `schema: 1`. @throws LensError RESULT_UNKNOWN */
  resultFile(runId: string): string;
  /** The analyses under way, what they are at, and the process ids of their workers: null while they wait for their turn. */
  running(): readonly { readonly runId: string; readonly fraction: number; readonly label: string; readonly pid: number | null }[];
}

const apiOf = (app: App, activation: Duration): LensApi => ({
  activation,
  analyse: async (request, signal) => {
    requireTrust();
    return app.runs.run(request, signal);
  },
  results: async () => {
    await app.store.load();
    return app.store.list().map(({ id, summary }) => ({ ...summary, runId: id }));
  },
  resultFile: (runId) => app.store.fileOf(runId),
  running: () => app.runs.list().map(({ view: { runId, fraction, label }, pid }) => ({ runId, fraction, label, pid })),
});

/** Registers and returns: nothing is read, computed or started here but the index of results, in the background. */
export const activate = (context: vscode.ExtensionContext): LensApi => {
  const time = stopwatch();
  const app = new App(context);
  const tree = new ResultsTree(app);
  const sidebar = new SidebarView(app);
  context.subscriptions.push(
    app,
    tree,
    sidebar,
    ...registerCommands(app),
    registerHover(app),
    vscode.window.registerTreeDataProvider(VIEWS.results, tree),
    vscode.window.registerWebviewViewProvider(VIEWS.chart, sidebar),
    vscode.window.registerWebviewPanelSerializer(LENS_PANEL, app.panels),
  );
  setImmediate(() => {
    app.store.load().catch((error: unknown) => { app.log.warn(String(error)); });
  });
  const own = time();
  return apiOf(app, { clock: loading.clock + own.clock, processor: loading.processor + own.processor });
};

/** The last line to run while loading. */
const loading = loadTime();
