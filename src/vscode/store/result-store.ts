import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { LensError } from "../../core/errors.ts";
import type { ResultView } from "../../protocol/lens.ts";
import { withCutoffOf, withRank } from "../../protocol/view.ts";
import { RESULT_FILES, type ResultSummary } from "../../protocol/worker.ts";
import { Emitter } from "../emitter.ts";
import { listStored, readStored, readStoredView, writeStored, type StoredResult } from "./stored-files.ts";

export interface StoreOptions {
  /** Full path of the folder all results stand in; made when first needed. */
  readonly folder: string;
  /** How many results are kept; beyond that the one not looked at for longest goes. */
  readonly capacity: () => number;
  readonly log: (line: string) => void;
  /** Makes the view and summary of a result again from its JSON (in a worker: parsing it may take long). @throws LensError */
  readonly render: (id: string, folder: string) => Promise<ResultSummary>;
}

/**
 * The results of past analyses. Questions are answered from an index in memory; what is large stays in files that the worker writes.
 * All file access is asynchronous. A damaged file costs a log line, never an exception while loading.
 */
export class ResultStore {
  private readonly index = new Map<string, StoredResult>();
  private readonly changed = new Emitter<null>();
  private loading: Promise<void> | null = null;
  /** Ends when all summaries asked to be written are: two writes of one file never overlap. */
  private writing: Promise<void> = Promise.resolve();

  /** Ends when all cut-offs chosen so far are kept: the one chosen last must be kept last. */
  private choosing: Promise<void> = Promise.resolve();

  readonly onDidChange = this.changed.on;

  constructor(private readonly options: StoreOptions) {}

  /** Reads the index once; later calls wait for the first. */
  load(): Promise<void> {
    this.loading ??= this.readAll();
    return this.loading;
  }

  /** Newest first. */
  list(): readonly StoredResult[] {
    return [...this.index.values()].sort((a, b) => b.summary.created.localeCompare(a.summary.created));
  }

  get(id: string): StoredResult | undefined {
    return this.index.get(id);
  }

  /** Results of the model at a full path, newest first. */
  ofModel(model: string): readonly StoredResult[] {
    return this.list().filter(({ summary }) => path.relative(summary.model, model) === "");
  }

  /** Where a new result's folder is to be made. */
  async folderFor(id: string): Promise<string> {
    await mkdir(this.options.folder, { recursive: true });
    return path.join(this.options.folder, id);
  }

  /** The JSON of a stored result. @throws LensError RESULT_UNKNOWN */
  fileOf(id: string): string {
    return path.join(this.options.folder, this.known(id).id, RESULT_FILES.result);
  }

  /** Takes up a result whose folder the worker has written, and drops the longest unused beyond the capacity. */
  async add(id: string, summary: ResultSummary): Promise<void> {
    await this.load();
    this.index.set(id, { id, summary, used: Date.now() });
    const surplus = [...this.index.values()].sort((a, b) => b.used - a.used).slice(Math.max(1, this.options.capacity()));
    await Promise.all(surplus.map((stored) => this.drop(stored.id)));
    this.changed.fire(null);
  }

  /** What the panel shows of a result, at the cut-off last chosen; counts as a use. @throws LensError RESULT_UNKNOWN, RESULT_READ */
  async view(id: string): Promise<ResultView> {
    await this.load();
    const stored = this.known(id);
    const view = await readStoredView(this.options.folder, id).catch((error: unknown) => this.renderAgain(id, error));
    // Read again: a cut-off may have been chosen while the file was read.
    const current = this.index.get(id) ?? stored;
    await this.keep({ ...current, used: Date.now() });
    return withRank(view, current.summary.rank);
  }

  /** Keeps the cut-off a user chose, and the headline figures at it. @throws LensError RESULT_UNKNOWN, RESULT_READ */
  setCutoff(id: string, rank: number): Promise<void> {
    const chosen = this.choosing.then(() => this.takeCutoff(id, rank));
    this.choosing = chosen.catch(() => undefined);
    return chosen;
  }

  private async takeCutoff(id: string, rank: number): Promise<void> {
    const view = withRank(await this.view(id), rank);
    const stored = this.known(id);
    await this.keep({ ...stored, summary: withCutoffOf(stored.summary, view) });
    this.changed.fire(null);
  }

  /** Deletes a result and its files; an unknown id is none. */
  async remove(id: string): Promise<void> {
    if (!this.index.has(id)) return;
    await this.drop(id);
    this.changed.fire(null);
  }

  private known(id: string): StoredResult {
    const stored = this.index.get(id);
    if (!stored) throw new LensError("RESULT_UNKNOWN", `There is no stored result ${id}.`, "It may have been deleted, or dropped to make room: run the analysis again.");
    return stored;
  }

  private async readAll(): Promise<void> {
    const { folder, log } = this.options;
    for (const id of await listStored(folder)) {
      const stored = await readStored(folder, id).catch((error: unknown) => this.recover(id, error));
      if (stored) this.index.set(id, stored);
      else log(`The result in ${path.join(folder, id)} is left out.`);
    }
    this.changed.fire(null);
  }

  private async recover(id: string, reason: unknown): Promise<StoredResult | null> {
    const { folder, log, render } = this.options;
    log(`${String(reason)}; making it again.`);
    try {
      return { id, summary: await render(id, path.join(folder, id)), used: Date.now() };
    } catch (error) {
      log(String(error));
      return null;
    }
  }

  private async renderAgain(id: string, reason: unknown): Promise<ResultView> {
    this.options.log(`${String(reason)}; making it again.`);
    await this.options.render(id, path.join(this.options.folder, id));
    return readStoredView(this.options.folder, id);
  }

  /** The index is right whatever becomes of the file; a file that cannot be written costs the memory of it over a reload. */
  private keep(stored: StoredResult): Promise<void> {
    this.index.set(stored.id, stored);
    this.writing = this.writing.then(async () => {
      if (this.index.has(stored.id)) await writeStored(this.options.folder, stored);
    }).catch((error: unknown) => { this.options.log(String(error)); });
    return this.writing;
  }

  private async drop(id: string): Promise<void> {
    this.index.delete(id);
    await rm(path.join(this.options.folder, id), { recursive: true, force: true }).catch((error: unknown) => { this.options.log(String(error)); });
  }
}
