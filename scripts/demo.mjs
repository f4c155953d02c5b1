/**
 * What the program is about, on examples/digits: how much of the labels and of the residual lies in the information space before and after
 * training, with true labels and with half of them corrupted. Compared with the figures that PyTorch and numpy gave.
 */
import { ensureBuilt } from "./support/dependencies.mjs";
import { analyseDigits, differences } from "./support/digits.mjs";

const COLUMNS = [
  ["run", 8, ({ run }) => run],
  ["step", 6, ({ step }) => String(step)],
  ["Π_I y", 8, ({ informationY }) => informationY.toFixed(3)],
  ["Π_N y", 8, ({ nuisanceY }) => nuisanceY.toFixed(3)],
  ["J_I†y", 10, ({ inverseY }) => inverseY.toExponential(2)],
  ["Π_I r", 8, ({ informationR }) => informationR.toFixed(3)],
  ["Π_N r", 8, ({ nuisanceR }) => nuisanceR.toFixed(3)],
  ["J_I†r", 10, ({ inverseR }) => inverseR.toExponential(2)],
  ["λ_1", 8, ({ largest }) => largest.toFixed(3)],
  ["λ_50/λ_51", 11, ({ gap }) => gap.toFixed(4)],
  ["error", 7, ({ error }) => `${(100 * error).toFixed(1)}%`],
  ["seconds", 9, ({ seconds }) => seconds.toFixed(1)],
];

const line = (cells) => cells.map((text, i) => (i === 0 ? text.padEnd(COLUMNS[i][1]) : text.padStart(COLUMNS[i][1]))).join("");

await ensureBuilt();
console.log("examples/digits: 200 handwritten digits, a 64-100-10 tanh network, cut-off at rank 50.");
console.log("Relative norms ‖Πz‖/‖z‖ and ‖J_I†z‖/‖z‖ of the labels y and the residual r = f − y.\n");
const rows = await analyseDigits();
console.log(line(COLUMNS.map(([title]) => title)));
for (const row of rows) console.log(line(COLUMNS.map(([, , cell]) => cell(row))));

const different = rows.flatMap(differences);
if (different.length === 0) {
  console.log("\nAll figures equal those of run.json (PyTorch and numpy, float64) to three decimals.");
} else {
  console.log(`\nNot equal to run.json:\n${different.join("\n")}`);
  process.exitCode = 1;
}
