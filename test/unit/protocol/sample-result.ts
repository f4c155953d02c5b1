import type { AnalysisResult } from "../../../src/analysis/result.ts";

/** A small result with every part filled: 2 samples, 2 outputs, 4 singular values. */
export const sampleResult = (changes: Partial<AnalysisResult> = {}): AnalysisResult => ({
  schema: 1,
  tool: { name: "jacobian-lens", version: "0.1.0" },
  created: "2025-01-02T03:04:05.000Z",
  seconds: 1.5,
  request: { model: "/models/net.onnx", data: "/data/train.npz", loss: "l2", seed: 7 },
  model: { path: "/models/net.onnx", sha256: "ab", opset: 17, producer: "pytorch 2.6", warnings: [{ code: "BATCHNORM_FOLDED", message: "m", hint: "h" }] },
  data: { path: "/data/train.npz", sha256: "cd", samples: 2, outputs: 2, x: { name: "x", shape: [2, 3], dtype: "float32" }, y: { name: "y", shape: [2], dtype: "int64" } },
  parameters: [{ name: "w", shape: [3, 2], count: 6, layer: "fc" }, { name: "b", shape: [2], count: 2, layer: "fc" }],
  excluded: [{ name: "scale", shape: [], count: 1, reason: "scalar constant of the exporter" }],
  runtime: { provider: "cpu", nodes: null, refused: [{ provider: "cuda", reason: "no library" }], precision: "single", onnxruntime: "1.30.0" },
  method: { name: "gram", products: 0, exact: true, plan: null },
  checks: { adjoint: { error: 1e-7, tolerance: 1e-5, passed: true }, finiteDifference: { error: 1, tolerance: 1e-2, passed: false }, samplesIndependent: null },
  singularValues: [4, 2, 1, 0.5],
  floor: 1e-6,
  errors: null,
  frobenius: Math.sqrt(21.25),
  density: null,
  cutoff: { rule: "rank 2", alpha: 2, rank: 2, gap: 2, certified: false },
  energy: {
    labels: { norm: 2, information: 0.8, nuisance: 0.6, pseudoInverse: 0.3, cumulative: [0.36, 0.64, 0.9, 1], perClass: [{ class: 0, samples: 1, information: 0.8, nuisance: 0.6 }] },
    residual: { norm: 1, information: 0.5, nuisance: Math.sqrt(0.75), pseudoInverse: 0.2, cumulative: [0.09, 0.25, 0.49, 1], perClass: null },
    randomLabels: { permutations: 20, mean: [0.2, 0.5, 0.7, 1], low: [0.1, 0.4, 0.6, 1], high: [0.3, 0.6, 0.8, 1] },
  },
  samples: { nuisance: [0.1, 0.2], leverage: [1, 1] },
  layers: [{ name: "fc", parameters: ["w", "b"], frobenius: 4, share: 1 }],
  fit: { loss: 0.5, accuracy: 0.75, error: 0.25, margin: { smallest: -0.1, median: 0.2, largest: 0.5 } },
  learningRate: { sharpness: 16, theory: 1 / 16, divergence: 1 / 8, inUsersUnits: null },
  theory: null,
  ...changes,
});
