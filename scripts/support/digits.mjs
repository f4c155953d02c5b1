/** The example's figures: first and last checkpoint of both runs of examples/digits, beside those that PyTorch and numpy gave (run.json). */
import { readFileSync } from "node:fs";
import path from "node:path";
import { must, ROOT } from "./run.mjs";

const FOLDER = path.join(ROOT, "examples/digits");
const RUNS = ["clean", "noisy50"];
const RANK = 50;

/** Equal to three decimals. */
const TOLERANCE = 5e-4;

/**
 * One row of the table of THEORY section 2: relative norms of labels y and residual r in both spaces, and of J_I† applied to them.
 * @typedef {{ run: string, step: number, samples: number, rank: number, informationY: number, nuisanceY: number, inverseY: number, informationR: number,
 *   nuisanceR: number, inverseR: number, residual: number, error: number, largest: number, atCutoff: number, gap: number, seconds: number }} Row
 */

const readRun = (run) => JSON.parse(readFileSync(path.join(FOLDER, run, "run.json"), "utf8"));

const toRow = (run, step, result) => {
  const { labels, residual } = result.energy;
  return {
    run,
    step,
    samples: result.data.samples,
    rank: result.cutoff.rank,
    informationY: labels.information,
    nuisanceY: labels.nuisance,
    inverseY: labels.pseudoInverse,
    informationR: residual.information,
    nuisanceR: residual.nuisance,
    inverseR: residual.pseudoInverse,
    residual: residual.norm,
    error: result.fit.error,
    largest: result.singularValues[0],
    atCutoff: result.singularValues[RANK - 1],
    gap: result.cutoff.gap,
    seconds: result.seconds,
  };
};

/** Analyses one checkpoint with the command line, as a user would. @returns {Promise<Row>} */
export const analyseCheckpoint = async (run, step) => {
  const model = path.join(FOLDER, run, `step_${String(step).padStart(5, "0")}.onnx`);
  const data = path.join(FOLDER, run, "train.npz");
  const { stdout } = await must(process.execPath, [path.join(ROOT, "dist/cli.cjs"), "analyze", model, "--data", data, "--rank", String(RANK), "--json", "-", "--quiet"], { quiet: true });
  return toRow(run, step, JSON.parse(stdout));
};

/** First and last checkpoint of both runs, one after the other. @returns {Promise<Row[]>} */
export const analyseDigits = async () => {
  const rows = [];
  for (const run of RUNS) {
    const { checkpoints } = readRun(run);
    for (const { step } of [checkpoints[0], checkpoints.at(-1)]) rows.push(await analyseCheckpoint(run, step));
  }
  return rows;
};

/** The figures of a row that differ from run.json's in three decimals, in words; none when they agree. @param {Row} row */
export const differences = (row) => {
  const { train } = readRun(row.run).checkpoints.find(({ step }) => step === row.step);
  const pairs = {
    "information share of y": [row.informationY, train.info_y],
    "nuisance share of y": [row.nuisanceY, train.nuisance_y],
    "information share of r": [row.informationR, train.info_r],
    "nuisance share of r": [row.nuisanceR, train.nuisance_r],
    "norm of r": [row.residual, train.residual],
    "training error": [row.error, train.error],
    "largest singular value": [row.largest, train.sigma1],
    "singular value at the cut-off": [row.atCutoff, train.sigma50],
  };
  return Object.entries(pairs)
    .filter(([, [ours, theirs]]) => !(Math.abs(ours - theirs) < TOLERANCE))
    .map(([what, [ours, theirs]]) => `${row.run} step ${row.step}, ${what}: ${ours} here, ${theirs} in run.json`);
};
