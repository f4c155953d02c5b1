import { factorBatch } from "../run-sizes.ts";
import { fitsArena, samplesThatFit, SLACK } from "./fitting.ts";
import { type MethodPlan, shownBytes } from "./plan.ts";
import type { Situation } from "./situation.ts";

/** Memory is advised in steps of this many bytes. */
const STEP = 2 ** 28;

/** The smallest size in steps that a number of bytes fits, as the command line takes it. */
const sizeOption = (bytes: number): string => {
  const rounded = Math.ceil((SLACK * bytes) / STEP) * STEP;
  return rounded % 2 ** 30 === 0 ? `${rounded / 2 ** 30}GiB` : `${rounded / 2 ** 20}MiB`;
};

/** A smaller batch, where a larger one was asked for than would be taken by itself. */
const batchAdvice = ({ request, open }: Situation): string[] => {
  if (request.batch === undefined || open.source.fixedBatch !== null) return [];
  const { batch } = factorBatch(open.network, open.samples, undefined, open.room);
  return Math.min(request.batch, open.network.batch) > batch ? [`--batch ${batch} or none, in place of --batch ${request.batch}`] : [];
};

/**
 * What to change where nothing fits: a batch that is larger than need be; another method, where one was asked for and another fits; then the memory, the samples, the parameters.
 */
export const adviceOf = (situation: Situation, methods: readonly MethodPlan[]): readonly string[] => {
  const { request, open, base } = situation;
  const wanted = methods.filter(({ method, memory }) => memory !== null && (request.method === "auto" ? method !== "finite-difference" && method !== "sketch" : method === request.method));
  const others = request.method === "auto" ? [] : methods.filter(({ fits, method }) => fits && method !== "finite-difference");
  // Where one WebAssembly memory is too small, more memory in all does not help.
  const byMemory = wanted.filter((plan) => fitsArena(plan));
  const [least] = [...byMemory].sort((a, b) => (a.memory ?? Infinity) - (b.memory ?? Infinity));
  const advice = [...batchAdvice(situation), ...others.map(({ method, returns }) => `--method ${method}: ${returns}`)];
  if (base >= request.memory) advice.push(`--memory ${sizeOption(Math.max(base, least?.memory ?? base))}: the process with model and data takes ${shownBytes(base)} by itself`);
  if (base >= request.memory && least) return advice;
  for (const plan of byMemory) if (plan.memory !== null && plan.memory > request.memory) advice.push(`--memory ${sizeOption(plan.memory)} for --method ${plan.method}`);
  for (const plan of wanted) {
    const samples = samplesThatFit(plan, open.samples, request.memory);
    if (samples !== null) advice.push(`--samples ${samples} for --method ${plan.method}`);
  }
  if (wanted.length > 0) advice.push("fewer parameters (--parameters GLOB)");
  else if (advice.length === 0) advice.push("other parameters (--parameters GLOB), or another method (--method auto)");
  return advice;
};
