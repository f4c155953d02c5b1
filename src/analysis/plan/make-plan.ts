import { productCosts } from "../../jacobian/cost/product-cost.ts";
import { restrictedTo } from "../../jacobian/network.ts";
import { collectGarbage } from "../collect-garbage.ts";
import type { FilledRequest } from "../defaults.ts";
import { deviceUse } from "../device-use.ts";
import { entriesOf } from "../methods/decomposition.ts";
import { gramProgram } from "../methods/plain-gram.ts";
import { exactNames, type OpenNetwork } from "../open-network.ts";
import { adviceOf } from "./advice.ts";
import { choose } from "./choose.ts";
import { planGram, type Stored } from "./gram.ts";
import { planKrylov } from "./krylov.ts";
import type { MethodPlan, Plan } from "./plan.ts";
import { planRows } from "./rows.ts";
import { roomOf, type Situation } from "./situation.ts";
import { planSketch } from "./sketch.ts";
import { throughputOf } from "./throughput.ts";

/** A plan, and what the chosen method may hold. */
export interface Planned {
  readonly plan: Plan;
  /** Bytes for what the chosen method holds itself: matrices, factors, bases. */
  readonly allowance: number;
}

/** Every parameter as one without a rule: the network of `--method finite-difference`. */
export const withoutRules = (open: OpenNetwork): OpenNetwork => ({ ...open, ruleless: open.network.lowered.parameters.map((p) => ({ parameter: p.name, operator: "", node: "" })) });

const situationOf = async (open: OpenNetwork, request: FilledRequest): Promise<Situation> => {
  const rates = await throughputOf(open.runtime, open.runtime.provider);
  const { outputs } = open.network;
  const [rows, columns] = [open.samples * outputs, entriesOf(open)];
  const rank = Math.min(request.cutoff?.kind === "rank" ? request.cutoff.value : outputs ** 2, rows, columns);
  const names = exactNames(open);
  const products = names.size > 0 ? productCosts(restrictedTo(open.network, names)) : null;
  // Traces the model at the sizes of the Gram matrix: what that leaves resident is there whatever comes next.
  if (products && request.method !== "finite-difference") await gramProgram({ open, request });
  collectGarbage();
  return { open, request, rates, base: process.memoryUsage.rss(), rows, columns, rank, products };
};

interface Candidate {
  readonly plan: MethodPlan;
  readonly allowance: number;
}

const candidatesOf = async (situation: Situation): Promise<readonly Candidate[]> => {
  const { open, request } = situation;
  const stored = ({ plan, store }: Stored): Candidate => ({ plan, allowance: store });
  const free = (plan: MethodPlan, bytes: number): Candidate => ({ plan, allowance: roomOf(situation) - bytes });
  const differences = stored(await planGram({ ...situation, open: withoutRules(open), products: null }));
  if (request.method === "finite-difference") return [differences];
  const krylov = await planKrylov(situation);
  return [stored(await planGram(situation)), stored(await planRows(situation)), free(krylov.plan, krylov.beside), free(await planSketch(situation), 0), differences];
};

/** What the network's parameters before an operator without a rule are. */
const withoutRuleOf = ({ open, request }: Situation): Plan["withoutRule"] => (request.method === "finite-difference" ? [] : open.ruleless.map(({ parameter, operator, node }) => ({ parameter, operator, node })));

/**
 * What each method would cost on an opened request, and which is used. Runs nothing heavy: the graphs are written and counted, the model is
 * traced at the sizes that would be used, and the machine's throughput is measured once in a process.
 * @throws LensError of tracing, and RUNTIME_LOAD.
 */
export const makePlan = async (open: OpenNetwork, request: FilledRequest): Promise<Planned> => {
  const situation = await situationOf(open, request);
  const candidates = await candidatesOf(situation);
  const methods = candidates.map(({ plan }) => plan);
  const { chosen, because } = choose(situation, methods);
  const { single, double, moved, eigen } = situation.rates;
  const plan: Plan = {
    samples: open.samples, outputs: open.network.outputs, parameters: situation.columns, provider: open.runtime.provider, deviceMemory: deviceUse(open, request), limit: request.memory, base: situation.base,
    methods, chosen, because,
    advice: chosen === null ? adviceOf(situation, methods) : [],
    withoutRule: withoutRuleOf(situation),
    throughput: { single, double, moved, eigen },
  };
  return { plan, allowance: candidates.find((candidate) => candidate.plan.method === chosen)?.allowance ?? request.memory };
};
