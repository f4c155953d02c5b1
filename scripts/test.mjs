/**
 * Everything this project is tested by, from a fresh clone: installs what is missing, builds, then runs the stages of support/stages.mjs.
 *   node scripts/test.mjs [stage …]        e.g. unit reference
 * The last line is `N passed, N failed`; the exit status is 1 when anything failed, and in CI also when a stage could not run.
 */
import { ensureDependencies } from "./support/dependencies.mjs";
import { prepareWorkbench, STAGES } from "./support/stages.mjs";

const WORKBENCH_STAGES = ["extension host", "browser"];

const describe = ({ name, seconds, outcome }) => {
  const told = "notRun" in outcome ? `not run: ${outcome.notRun}` : `${outcome.passed} passed, ${outcome.failed} failed`;
  return `${name.padEnd(16)}${seconds.toFixed(1).padStart(7)} s   ${told}`;
};

const timed = async ({ name, run }) => {
  const start = performance.now();
  const outcome = await run();
  const result = { name, outcome, seconds: (performance.now() - start) / 1000 };
  console.log(`\n== ${describe(result)}`);
  return result;
};

/** Runs the chosen stages (build always: the others read dist/) and stops early only when the build failed. */
const runStages = async (chosen) => {
  const wanted = ({ name }) => name === "build" || chosen.length === 0 || chosen.includes(name);
  const results = [];
  for (const group of STAGES) {
    const batch = await Promise.all(group.filter(wanted).map(timed));
    results.push(...batch);
    if (batch.some(({ name, outcome }) => name === "build" && outcome.failed > 0)) break;
  }
  return results;
};

const summarise = (results) => {
  const total = { passed: 0, failed: 0, notRun: 0 };
  for (const { outcome } of results) {
    if ("notRun" in outcome) total.notRun += 1;
    else {
      total.passed += outcome.passed;
      total.failed += outcome.failed;
    }
  }
  console.log(`\n${results.map(describe).join("\n")}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed${total.notRun > 0 ? `, ${total.notRun} skipped` : ""}`);
  return total;
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !STAGES.flat().some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`no stage named ${unknown.join(", ")}; there are ${STAGES.flat().map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
await ensureDependencies();
if (chosen.length === 0 || chosen.some((name) => WORKBENCH_STAGES.includes(name))) void prepareWorkbench();
const { failed, notRun } = summarise(await runStages(chosen));
process.exitCode = failed > 0 || (process.env.CI && notRun > 0) ? 1 : 0;
