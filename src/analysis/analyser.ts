import type { Analysis, AnalysisContext } from "./context.ts";
import { Kept } from "./kept.ts";
import type { GraphKeeper, NetworkGraphs } from "./network-graphs.ts";
import { analyse } from "./pipeline.ts";
import { planAnalysis } from "./plan/plan-analysis.ts";
import type { Plan } from "./plan/plan.ts";
import type { AnalysisRequest } from "./request.ts";

/** Architectures whose graphs are kept: loaded graphs hold memory that the next analysis could use. */
const ARCHITECTURES = 1;

/**
 * Analyses one after another that share what they can: the graphs of a network, traced, built and loaded once for all checkpoints of the same
 * architecture (equal but for the values of their parameters). The results are those of `analyse`, to the last bit. Memory: the loaded
 * graphs and one model of each of the last `architectures` ones. An analysis that fails gives its graphs back. Its owner disposes it.
 */
export class Analyser {
  readonly #graphs: Kept<NetworkGraphs>;
  #last: Promise<unknown> = Promise.resolve();
  #key = "";

  constructor(architectures = ARCHITECTURES) {
    this.#graphs = new Kept(architectures, (graphs) => graphs.dispose());
  }

  readonly #keeper: GraphKeeper = {
    open: (key, make) => {
      this.#key = key();
      return this.#graphs.get(this.#key, make);
    },
    settle: () => Promise.resolve(),
    release: () => Promise.resolve(),
    drop: () => this.#graphs.drop(this.#key),
  };

  /** As `analyse`; one at a time, in the order asked for. @throws LensError as `analyse`. */
  analyse(request: AnalysisRequest, context: AnalysisContext): Promise<Analysis> {
    const own = this.#last.then(() => this.#run(request, context));
    this.#last = own.catch(() => undefined);
    return own;
  }

  /** As `planAnalysis`; the analysis that follows uses the same graphs. @throws LensError as `planAnalysis`. */
  plan(request: AnalysisRequest, context: AnalysisContext): Promise<Plan> {
    const own = this.#last.then(() => planAnalysis(request, context, this.#keeper));
    this.#last = own.catch(() => undefined);
    return own;
  }

  async #run(request: AnalysisRequest, context: AnalysisContext): Promise<Analysis> {
    this.#key = "";
    try {
      return await analyse(request, context, this.#keeper);
    } catch (error) {
      await this.#graphs.drop(this.#key);
      throw error;
    }
  }

  /** Waits for the analyses under way and gives everything back. */
  async dispose(): Promise<void> {
    await this.#last;
    await this.#graphs.dispose();
  }
}
