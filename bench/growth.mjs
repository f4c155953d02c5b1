/**
 * How time and memory grow: seconds of one warm Gram matrix and peak resident bytes as samples n, outputs K and widths (and with them the
 * parameters p) double, on a perceptron and a convolutional network; then seconds of the leading 20 triplets by block Krylov over n. Every row
 * is a process of its own, medians; `ratio` is to the row before, and the exponent is that of a power law fitted to all rows of a table.
 *   node bench/growth.mjs [--rounds 5] [--rows 4] [n K p krylov]
 */
import "./support/as-computing.mjs";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fixed, heading, row } from "./support/table.mjs";

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string", default: "5" }, rows: { type: "string", default: "4" } } });
const [ROUNDS, ROWS] = [Number(options.rounds), Number(options.rows)];
const CASE = fileURLToPath(new URL("support/growth-case.mjs", import.meta.url));

const doubled = (first) => Array.from({ length: ROWS }, (_, i) => first * 2 ** i);

/** What grows in each table, and the networks it grows on: arguments and samples for each value. */
const TABLES = {
  n: {
    what: "gram", title: "Gram matrix over samples n",
    networks: {
      perceptron: { values: doubled(50), at: (n) => ({ arguments: [[64, 128, 128, 10]], samples: n }) },
      convolutional: { values: doubled(32), at: (n) => ({ arguments: [16, 10], samples: n }) },
    },
  },
  K: {
    what: "gram", title: "Gram matrix over outputs K",
    networks: {
      perceptron: { values: doubled(5), at: (outputs) => ({ arguments: [[64, 128, 128, outputs]], samples: 100 }) },
      convolutional: { values: doubled(5), at: (outputs) => ({ arguments: [16, outputs], samples: 64 }) },
    },
  },
  p: {
    what: "gram", title: "Gram matrix over widths (exponents over p)",
    networks: {
      perceptron: { values: doubled(64), at: (width) => ({ arguments: [[64, width, width, 10]], samples: 100 }) },
      convolutional: { values: doubled(8), at: (width) => ({ arguments: [width, 10], samples: 64 }) },
    },
  },
  krylov: {
    what: "krylov", title: "Leading 20 triplets by block Krylov over samples n",
    networks: { perceptron: { values: doubled(500), at: (n) => ({ arguments: [[64, 100, 10]], samples: n }) } },
  },
};

/** The slope of log y over log x by least squares. */
const exponent = (x, y) => {
  const [u, v] = [x, y].map((values) => values.map(Math.log));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [mean(u), mean(v)];
  return u.reduce((sum, value, i) => sum + (value - a) * (v[i] - b), 0) / u.reduce((sum, value) => sum + (value - a) ** 2, 0);
};

const measure = (what, network, own) => JSON.parse(execFileSync(process.execPath, [CASE, JSON.stringify({ what, network, rounds: ROUNDS, ...own })], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));

const mebibytes = (bytes) => fixed(bytes / 2 ** 20, 0);

const printTable = (name, { what, title, networks }) => {
  console.log(`\n${title}\n\n${heading("network", name === "krylov" ? "n" : name === "p" ? "width" : name, "nK", "p", "seconds", "ratio", "MiB above the start", "ratio", "peak MiB")}`);
  for (const [network, { values, at }] of Object.entries(networks)) {
    const found = [];
    for (const value of values) {
      const own = measure(what, network, at(value));
      const before = found.at(-1);
      const above = own.peak - own.before;
      const ratio = (now, then) => (before ? `${fixed(now / then, 1)}×` : "");
      console.log(row(network, value, own.rows, own.parameters, fixed(own.seconds, 3), ratio(own.seconds, before?.seconds), mebibytes(above), ratio(above, before?.above), mebibytes(own.peak)));
      found.push({ ...own, above, value });
    }
    const over = found.map((own) => (name === "p" ? own.parameters : own.value));
    console.log(row(network, "exponent", "", "", fixed(exponent(over, found.map((own) => own.seconds))), "", fixed(exponent(over, found.map((own) => own.above))), "", ""));
  }
};

console.log(`Node ${process.version}; medians of ${ROUNDS}`);
for (const name of positionals.length > 0 ? positionals : Object.keys(TABLES)) printTable(name, TABLES[name]);
