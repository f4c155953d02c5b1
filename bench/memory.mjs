/**
 * The built command line under a memory limit: each case is planned, then analysed as a process of its own with --memory, and the largest
 * resident memory of any of its processes (VmHWM of /proc, Linux) is set beside the limit. The digits network is given as many samples as
 * make its Gram matrix 8 GiB; the convolutional ones have more factors than fit. A case either completes within the limit or is refused.
 *   node bench/memory.mjs [1GiB …]      (512MiB and 1GiB when none is given; npm run build first)
 * Exit status 1 when a process went beyond its limit, or a case failed in another way than by refusing.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { enlarged } from "./support/enlarged.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CLI = path.join(ROOT, "dist", "cli.cjs");

/** A model with data that is repeated, with a little noise, up to so many samples. */
const CASES = [
  { name: "digits", model: "examples/digits/clean/step_20000.onnx", data: "examples/digits/clean/train.npz", samples: 2000, options: ["--rank", "50"] },
  { name: "digits, gram", model: "examples/digits/clean/step_20000.onnx", data: "examples/digits/clean/train.npz", samples: 2000, options: ["--method", "gram"] },
  { name: "digits", model: "examples/digits/clean/step_20000.onnx", data: "examples/digits/clean/train.npz", samples: 600, options: [] },
  { name: "resnet20", model: "test/fixtures/reference/resnet20/model.onnx", data: "test/fixtures/reference/resnet20/data.npz", samples: 64, options: [] },
  { name: "transformer", model: "test/fixtures/reference/transformer/model.onnx", data: "test/fixtures/reference/transformer/data.npz", samples: 400, options: [] },
];

const MEBIBYTE = 2 ** 20;
const bytesOf = (text) => Number.parseFloat(text) * (text.endsWith("GiB") ? 2 ** 30 : MEBIBYTE);
const shown = (bytes) => `${Math.round(bytes / MEBIBYTE).toLocaleString("en-US")} MiB`;

/** A process and those it started, by /proc. */
const family = (pid) => {
  const found = [pid];
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ")) if (child !== "") found.push(...family(Number(child)));
    }
  } catch {
    // It has ended in the meantime.
  }
  return found;
};

/** Runs the command line; the largest VmHWM of its processes, in bytes. */
const measured = (argv) => new Promise((done) => {
  const child = spawn(process.execPath, [CLI, ...argv], { stdio: ["ignore", "ignore", "pipe"] });
  let [peak, said] = [0, ""];
  child.stderr.on("data", (text) => { said += text; });
  const look = () => {
    for (const pid of family(child.pid)) {
      try {
        peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0));
      } catch {
        // It has ended in the meantime.
      }
    }
  };
  const timer = setInterval(look, 10);
  child.on("close", (status) => {
    clearInterval(timer);
    done({ status, peak, said });
  });
});

const outcomeOf = ({ status, said }, result) => {
  if (status === 0) return { method: result.method.name, outcome: `done in ${result.seconds.toFixed(1)} s, planned ${shown(result.method.plan.methods.find((own) => own.method === result.method.plan.chosen).memory)}` };
  const [, code = "", message = ""] = /error (\w+): (.*)/.exec(said) ?? [];
  return code === "MEMORY" ? { method: "–", outcome: `refused: ${message.slice(0, 90)}…` } : { method: "–", outcome: `FAILED: ${code} ${message}` };
};

/** What the whole Gram matrix with its eigenvalues would take, by the plan. */
const gramBytes = (plan) => plan?.methods.find((own) => own.method === "gram")?.memory ?? null;

if (!existsSync("/proc/self/status")) throw new Error("this benchmark reads /proc: run it on Linux");
const limits = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), "lens-memory-"));
const json = path.join(folder, "result.json");
try {
  console.log("| network | samples | asked | gram would take | method | peak resident | outcome |");
  console.log("|---|---|---|---|---|---|---|");
  for (const limit of limits.length > 0 ? limits : ["512MiB", "1GiB"]) {
    for (const { name, model, data, samples, options } of CASES) {
      const argv = [path.join(ROOT, model), "--data", await enlarged(path.join(ROOT, data), samples, folder), "--memory", limit, ...options, "--quiet", "--json", json];
      await measured(["plan", ...argv]);
      const plan = JSON.parse(readFileSync(json, "utf8"));
      const run = await measured(["analyze", ...argv]);
      const { method, outcome } = outcomeOf(run, run.status === 0 ? JSON.parse(readFileSync(json, "utf8")) : null);
      const within = run.peak <= bytesOf(limit);
      if (!within || outcome.startsWith("FAILED")) process.exitCode = 1;
      const dense = gramBytes(plan);
      console.log(`| ${name} | ${samples.toLocaleString("en-US")} | ${limit} | ${dense === null ? "–" : shown(dense)} | ${method} | ${shown(run.peak)}${within ? "" : " ABOVE"} | ${outcome} |`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
