import { throttled } from "../../core/progress.ts";
import { persistently } from "../attempts.ts";
import { localRuntimes } from "../choose-runtime.ts";
import type { AnalysisContext } from "../context.ts";
import { withDefaults } from "../defaults.ts";
import { guarded } from "../memory-guard.ts";
import { type GraphKeeper, oneShot } from "../network-graphs.ts";
import { openNetwork } from "../open-network.ts";
import type { AnalysisRequest } from "../request.ts";
import { makePlan } from "./make-plan.ts";
import type { Plan } from "./plan.ts";

/**
 * What an analysis would do, without doing it: reads model and data, writes the graphs and counts them. Blocks its thread as `analyse` does,
 * for a second or so. `keeper`: whose graphs are used, so that the analysis that follows finds the network traced.
 * @throws LensError of the model, the data and the runtime.
 */
export const planAnalysis = (asked: AnalysisRequest, context: AnalysisContext, keeper: GraphKeeper = oneShot): Promise<Plan> => {
  const progress = throttled(context.progress);
  const { signal, runtimes = localRuntimes(context.entry ?? null) } = context;
  progress(0, "reading model and data");
  return persistently(withDefaults(asked), async ({ request, without }) => {
    const open = await openNetwork(request, signal, keeper, async (wanted) => {
      const chosen = await runtimes(wanted, { without, signal });
      return { ...chosen, runtime: guarded(chosen.runtime) };
    });
    try {
      progress(0.5, "counting");
      return (await makePlan(open, request)).plan;
    } catch (error) {
      await keeper.drop?.();
      throw error;
    } finally {
      await open.dispose();
      progress(1, "done");
    }
  });
};
