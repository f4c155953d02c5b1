import { type Progress, silent } from "../core/progress.ts";
import { random } from "../core/random.ts";
import type { LinearOperator } from "../linalg/operator.ts";
import { changeOf, curvesOf, type Scale, scatterOf } from "./density-band.ts";
import { type Effort, nextLook } from "./density-effort.ts";
import { type Probes, type Quadrature, startProbes } from "./density-probe.ts";
import { Basis } from "./krylov-basis.ts";
import type { Triplets } from "./krylov.ts";
import { thin } from "./orientation.ts";

/** The share of the values to which their distribution is worth knowing: what changes it by less is not bought. */
const WORTHWHILE = 0.01;

/** What the probes of a density found. */
export interface Probed {
  readonly own: readonly Quadrature[];
  /** The same after half of the steps; nothing where the steps fill the space, and more of them would change nothing. */
  readonly half: readonly Quadrature[];
  readonly steps: number;
  readonly products: number;
}

export interface ProbeRun {
  readonly effort: Effort;
  /** Where curves are drawn for these quadratures. */
  readonly scale: (quadratures: readonly Quadrature[]) => Scale;
  readonly leading?: Pick<Triplets, "values" | "left" | "right"> | undefined;
  readonly seed?: number | undefined;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

const halfOf = (steps: number): number => Math.max(1, steps >> 1);

/** Whether the second half of the steps changed the distribution by no more than the scatter of the probes, or by nothing worthwhile. */
const isSettled = async (probes: Probes, steps: number, scale: ProbeRun["scale"]): Promise<boolean> => {
  const [own, half] = [await probes.quadratures(steps), await probes.quadratures(halfOf(steps))];
  const where = scale([...own, ...half]);
  const curves = curvesOf(own, where);
  return changeOf(curvesOf(half, where), curves, where) <= Math.max(WORTHWHILE, scatterOf(curves, where));
};

/** Goes on with the first probes until more steps change nothing, or there are as many as the effort allows. */
const stepsThatServe = async (probes: Probes, { effort, scale }: ProbeRun, done: () => void): Promise<number> => {
  let look = nextLook(0);
  for (let steps = 1; steps <= effort.steps; steps++) {
    await probes.advance(steps);
    done();
    if (!effort.stops || steps < look || steps === effort.steps) continue;
    if (await isSettled(probes, steps, scale)) return steps;
    look = nextLook(steps);
  }
  return effort.steps;
};

/**
 * Runs probes orthogonal to the known triplets: the first ones until more steps change nothing, then more of them with as many steps while
 * they are asked for, or are worth their products. Memory: 8·min(rows, columns) bytes for each step of the probes that run together, twice.
 * @throws what the operator throws, LensError CANCELLED, NOT_FINITE, MATRIX_TOO_LARGE.
 */
export const runProbes = async (operator: LinearOperator, run: ProbeRun): Promise<Probed> => {
  const { effort, leading, scale, seed = 0, progress = silent, signal } = run;
  const a = thin(operator);
  const draw = random(seed, "density");
  const held = leading?.values.length ?? 0;
  const deflation = new Basis(a.columns, held, Math.max(held, effort.together), draw);
  if (leading) deflation.append(a.turned ? leading.left : leading.right, held);
  const [own, half]: [Quadrature[], Quadrature[]] = [[], []];
  let [steps, products] = [effort.steps, 0];
  const all = 2 * effort.least * effort.steps;
  const group = async (count: number): Promise<void> => {
    const probes = startProbes(a, deflation, count, steps, draw, signal);
    const found = own.length + count;
    let step = 0;
    const done = (): void => {
      products += 2 * count;
      progress(Math.min(1, products / all), `spectral density: step ${++step} of random vectors ${own.length + 1}–${found}`);
    };
    if (own.length === 0) steps = await stepsThatServe(probes, run, done);
    else for (let k = 1; k <= steps; k++) { await probes.advance(k); done(); }
    own.push(...(await probes.quadratures(steps)));
    if (steps < scale(own).count) half.push(...(await probes.quadratures(halfOf(steps))));
  };
  const isWorthMore = (): boolean => {
    if (own.length + effort.together > effort.most || products + 2 * effort.together * steps > effort.maxProducts) return false;
    const where = scale(own);
    return scatterOf(curvesOf(own, where), where) > WORTHWHILE;
  };
  while (own.length < effort.least || isWorthMore()) await group(Math.min(effort.together, Math.max(effort.least, own.length + effort.together) - own.length));
  return { own, half, steps, products };
};
