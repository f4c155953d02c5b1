import type { AnalysisResult, Energy } from "../../../src/analysis/result.ts";
import type { DoctorReport } from "../../../src/analysis/doctor.ts";
import { run } from "../../../src/cli/run.ts";
import type { Services, Terminal } from "../../../src/cli/services.ts";

const energy = (information: number, nuisance: number): Energy => ({ norm: 2, information, nuisance, pseudoInverse: 5.44e-3, cumulative: [0.5, information ** 2, 0.9, 1], perClass: null });

/** A small result with every number different, so that a test sees which one is printed. */
export const sampleResult = (changes: Partial<AnalysisResult> = {}): AnalysisResult => ({
  schema: 1,
  tool: { name: "jacobian-lens", version: "9.8.7" },
  created: "2025-01-02T03:04:05.000Z",
  seconds: 1.25,
  request: { model: "net.onnx", data: "train.npz", loss: "l2" },
  model: { path: "net.onnx", sha256: "aa", opset: 17, producer: "test", warnings: [{ code: "BATCHNORM_FOLDED", message: "BatchNorm is folded\ninto Conv.", hint: "Export in training mode." }] },
  data: { path: "train.npz", sha256: "bb", samples: 2, outputs: 2, x: { name: "x", shape: [2, 3], dtype: "float32" }, y: { name: "y", shape: [2], dtype: "int64" } },
  parameters: [{ name: "w", shape: [1, 5018], count: 5018, layer: "fc" }],
  excluded: [],
  runtime: { provider: "cpu", nodes: null, refused: [], precision: "single", onnxruntime: "1.30.0" },
  method: { name: "gram", products: 12, exact: true, plan: null },
  checks: { adjoint: { error: 3e-7, tolerance: 1e-4, passed: true }, finiteDifference: null, samplesIndependent: null },
  singularValues: [4, 2, 1, 1e-4],
  floor: 1.4e-3,
  errors: null,
  frobenius: 4.583,
  density: null,
  cutoff: { rule: "rank 2", alpha: 2, rank: 2, gap: 2, certified: false },
  energy: { labels: energy(0.724, 0.69), residual: energy(0.886, 0.465), randomLabels: { permutations: 20, mean: [0.2, 0.25, 0.5, 1], low: [0, 0, 0, 1], high: [1, 1, 1, 1] } },
  samples: { nuisance: [0.1, 0.2], leverage: [0.3, 0.4] },
  layers: [{ name: "fc, last", parameters: ["w", "b"], frobenius: 4.583, share: 1 }],
  fit: { loss: 0.75, accuracy: 0.5, error: 0.5, margin: null },
  learningRate: { sharpness: 16, theory: 0.0625, divergence: 0.125, inUsersUnits: { "halfSum.theory": 0.0625, "halfSum.divergence": 0.125 } },
  theory: null,
  ...changes,
});

export const sampleReport = (changes: Partial<DoctorReport> = {}): DoctorReport => ({
  node: "20.0.0",
  platform: "linux x64",
  onnxruntime: "1.30.0",
  cores: 2,
  memory: { total: 8 * 2 ** 30, free: 2 ** 30 },
  gpu: null,
  providers: [
    { provider: "cpu", usable: true, reason: null, remedy: null, adapter: null, seconds: 0.5 },
    { provider: "cuda", usable: false, reason: "libcudnn.so.9: cannot open shared object file", remedy: "Install cuDNN 9.", adapter: null, seconds: 0.2 },
  ],
  ...changes,
});

const unused = (name: string) => (): Promise<never> => Promise.reject(new Error(`${name} is not expected here`));

/** What one run of the command line printed and how it ended. */
export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** Runs the command line with these services and no others. */
export const runWith = async (argv: readonly string[], services: Partial<Services> = {}, terminal: Partial<Terminal> = {}, signal = new AbortController().signal): Promise<Outcome> => {
  let [out, error] = ["", ""];
  const all: Services = {
    version: "9.8.7",
    analyse: unused("analyse"), plan: unused("plan"), product: unused("product"), listRules: unused("listRules"), modelOperators: unused("modelOperators"), diagnose: unused("diagnose"),
    readArrays: unused("readArrays"), readVector: unused("readVector"), writeArray: unused("writeArray"), writeArrays: unused("writeArrays"),
    ...services,
  };
  const status = await run(argv, {
    services: all,
    terminal: { out: (text) => void (out += text), error: (text) => void (error += text), outColour: false, errorLive: false, ...terminal },
    signal,
  });
  return { status, out, error };
};
