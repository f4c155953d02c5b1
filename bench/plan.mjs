/**
 * The seconds that a plan gives beside those that the analysis then takes: the built command line, each method on each case that its plan
 * says fits and takes less than --most seconds; medians of the ratio planned / taken over the rounds.
 *   node bench/plan.mjs [--rounds 3] [--most 60] [case …]       (npm run build first)
 * Exit status 1 when a median is beyond a factor of 2.5 either way.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { enlarged } from "./support/enlarged.mjs";
import { median } from "./support/python.mjs";
import { fixed, heading, row } from "./support/table.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CLI = path.join(ROOT, "dist", "cli.cjs");
const FACTOR = 2.5;

const reference = (name) => ({ model: `test/fixtures/reference/${name}/model.onnx`, data: `test/fixtures/reference/${name}/data.npz` });
const DIGITS = { model: "examples/digits/clean/step_20000.onnx", data: "examples/digits/clean/train.npz" };

const CASES = [
  { name: "digits", ...DIGITS, samples: 200 },
  { name: "digits", ...DIGITS, samples: 600 },
  { name: "cnn-batchnorm", ...reference("cnn-batchnorm"), samples: 128 },
  { name: "transformer", ...reference("transformer"), samples: 100 },
  { name: "resnet20", ...reference("resnet20"), samples: 16 },
  { name: "resnet20", ...reference("resnet20"), samples: 64 },
];

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string", default: "3" }, most: { type: "string", default: "60" } } });
const [ROUNDS, MOST] = [Number(options.rounds), Number(options.most)];

const folder = mkdtempSync(path.join(tmpdir(), "lens-plan-"));
const json = path.join(folder, "result.json");

/** Runs the command line; the result it writes. */
const asked = (argv) => {
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...argv, "--quiet", "--json", json], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
  return JSON.parse(readFileSync(json, "utf8"));
};

const planned = (plan, name) => plan.methods.find(({ method }) => method === name);

try {
  console.log(heading("network", "samples", "method", "planned s", "taken s", "planned / taken"));
  for (const { name, model, data, samples } of CASES.filter((own) => positionals.length === 0 || positionals.includes(own.name))) {
    const argv = [path.join(ROOT, model), "--data", await enlarged(path.join(ROOT, data), samples, folder), "--rank", "20"];
    const methods = asked(["plan", ...argv]).methods.filter(({ fits, seconds, method }) => fits && seconds < MOST && method !== "finite-difference").map(({ method }) => method);
    for (const method of methods) {
      const rounds = Array.from({ length: ROUNDS }, () => {
        const { method: { plan }, seconds } = asked(["analyze", ...argv, "--method", method]);
        return { planned: planned(plan, method).seconds, taken: seconds };
      });
      const ratio = median(rounds.map((own) => own.planned / own.taken));
      if (ratio > FACTOR || ratio < 1 / FACTOR) process.exitCode = 1;
      console.log(row(name, samples, method, fixed(median(rounds.map((own) => own.planned)), 1), fixed(median(rounds.map((own) => own.taken)), 1), fixed(ratio)));
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
