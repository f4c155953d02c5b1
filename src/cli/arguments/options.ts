/** One option of the command line. */
export interface OptionSpec {
  /** What stands after it in the help ("N", "FILE"); null for a flag. */
  readonly value: string | null;
  readonly help: string;
  /** May be given more than once. */
  readonly repeat?: true;
}

const table = <Name extends string>(options: Readonly<Record<Name, OptionSpec>>): Readonly<Record<Name, OptionSpec>> => options;

/** Every option of this version, written once; commands name those they take. */
export const OPTIONS = table({
  data: { value: "FILE", help: ".npz, .npy or .csv file with inputs and labels" },
  x: { value: "NAME", help: "array (or columns) of the inputs; default x, else the only one that fits" },
  y: { value: "NAME", help: "array (or column) of the labels; default y, else the only one that fits" },
  samples: { value: "N", help: "take the first N samples" },
  shuffle: { value: null, help: "draw the samples at random (by --seed)" },
  seed: { value: "S", help: "seed of everything random; default 0" },
  batch: { value: "B", help: "samples per run of the model" },
  parameters: { value: "GLOB", help: "parameters to differentiate by; !GLOB excludes; repeatable", repeat: true },
  "keep-tied": { value: null, help: "take equal tensors that the exporter merged as one parameter" },
  loss: { value: "l2|cross-entropy", help: "the loss that residual and Jacobian belong to; default l2" },
  method: { value: "METHOD", help: "how: auto, gram, rows, krylov, sketch or finite-difference for a spectrum; exact or finite-difference for a product" },
  precision: { value: "single|double", help: "element type of the model's runs" },
  provider: { value: "auto|cpu|cuda|webgpu|dml|coreml", help: "execution provider of ONNX Runtime" },
  device: { value: "N", help: "number of the GPU, from 0 (cuda, dml)" },
  "strict-provider": { value: null, help: "refuse graphs of which the provider leaves a node to the CPU" },
  rank: { value: "R", help: "cut-off: the first R singular directions; default K²" },
  alpha: { value: "A", help: "cut-off: singular values of at least A" },
  relative: { value: "C", help: "cut-off: singular values of at least C·λ₁, 0 < C ≤ 1" },
  energy: { value: "E", help: "cut-off: the smallest rank that holds the share E of ‖J‖_F², 0 < E ≤ 1" },
  "learning-rate": { value: "LR", help: "your own learning rate, to compare with the limits" },
  memory: { value: "4GiB", help: "most memory to use" },
  cache: { value: "FOLDER", help: "keep Gram matrices there, and use those that are: for other labels, losses, cut-offs, more samples" },
  "cache-size": { value: "2GiB", help: "most disk space for them; default 2GiB" },
  timeout: { value: "10m", help: "give up after this time (s, m, h)" },
  json: { value: "FILE", help: "write the result as JSON; - prints it alone" },
  gram: { value: "FILE.npy", help: "write JJᵀ, float64 [n·K, n·K]" },
  csv: { value: "FOLDER", help: "write singular values, energies, samples and layers as CSV" },
  quiet: { value: null, help: "no progress and no warnings on standard error" },
  jvp: { value: "V.npz", help: "direction: one array per parameter, named and shaped as the model's" },
  vjp: { value: "U.npy", help: "cotangent [n·K], sample-major (i·K + k)" },
  out: { value: "FILE", help: "where the product goes: .npy for --jvp, .npz for --vjp" },
});

export type OptionName = keyof typeof OPTIONS;

/** Options that later versions have: refused with this reason rather than ignored. */
export const LATER_OPTIONS: Readonly<Record<string, string>> = {
  test: "analysing a second data set",
  gamma: "evaluating the generalisation bounds",
  delta: "evaluating the generalisation bounds",
  report: "writing an HTML report",
};

const DATA: readonly OptionName[] = ["data", "x", "y", "samples", "shuffle", "seed", "batch"];
const MODEL: readonly OptionName[] = ["parameters", "keep-tied", "method", "precision", "provider", "device", "strict-provider", "memory", "timeout"];

export const ANALYZE_OPTIONS: readonly OptionName[] = [...DATA, "loss", ...MODEL, "rank", "alpha", "relative", "energy", "learning-rate", "cache", "cache-size", "json", "gram", "csv", "quiet"];
export const PLAN_OPTIONS: readonly OptionName[] = [...DATA, "loss", ...MODEL, "rank", "alpha", "relative", "energy", "gram", "json", "quiet"];
export const PRODUCT_OPTIONS: readonly OptionName[] = [...DATA, ...MODEL, "jvp", "vjp", "out", "quiet"];
