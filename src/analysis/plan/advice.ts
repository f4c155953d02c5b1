import { factorBatch } from "../run-sizes.ts";
import { type MethodPlan, shownBytes } from "./plan.ts";
import type { Situation } from "./situation.ts";

/** Memory is advised in steps of this many bytes. */
const STEP = 2 ** 28;

/** Bytes that a plan needs for a share r of the samples. */
const bytesAt = ({ parts }: MethodPlan, r: number): number => parts.reduce((sum, { bytes, power }) => sum + bytes * r ** power, 0);

/** The most samples that fit, to two digits; null where a tenth of them does not. */
const samplesThatFit = (plan: MethodPlan, samples: number, limit: number): number | null => {
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (bytesAt(plan, middle) <= limit) low = middle;
    else high = middle;
  }
  const count = Math.floor(low * samples);
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  const rounded = Math.floor(count / digit) * digit;
  return rounded >= 2 && rounded >= samples / 50 ? rounded : null;
};

/** The smallest size in steps that a number of bytes fits, as the command line takes it. */
const sizeOption = (bytes: number): string => {
  const rounded = Math.ceil(bytes / STEP) * STEP;
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
  const [least] = [...wanted].sort((a, b) => (a.memory ?? Infinity) - (b.memory ?? Infinity));
  const advice = [...batchAdvice(situation), ...others.map(({ method, returns }) => `--method ${method}: ${returns}`)];
  if (base >= request.memory) return [...advice, `--memory ${sizeOption(Math.max(base, least?.memory ?? base))}: the process with model and data takes ${shownBytes(base)} by itself`];
  for (const plan of wanted) if (plan.memory !== null && plan.memory > request.memory) advice.push(`--memory ${sizeOption(plan.memory)} for --method ${plan.method}`);
  for (const plan of wanted) {
    const samples = samplesThatFit(plan, open.samples, request.memory);
    if (samples !== null && samples < open.samples) advice.push(`--samples ${samples} for --method ${plan.method}`);
  }
  if (wanted.length > 0) advice.push("fewer parameters (--parameters GLOB)");
  else if (advice.length === 0) advice.push("other parameters (--parameters GLOB), or another method (--method auto)");
  return advice;
};
