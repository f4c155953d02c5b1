import type { ResultView } from "../../../src/protocol/lens.ts";

/** A small finished result with numbers that are easy to follow: λ = 8, 4, 2, 1 and labels with equal power in every direction. */
export const exampleView = (change: Partial<ResultView> = {}): ResultView => ({
  state: "done",
  runId: "run",
  model: { path: "/home/anna/runs/clean/net.onnx", name: "net.onnx" },
  data: { path: "/home/anna/runs/clean/train.npz", name: "train.npz" },
  facts: {
    created: "2025-01-01T00:00:00.000Z", seconds: 1.2375, samples: 2, outputs: 2, parameters: 7510,
    parameterTensors: [{ name: "fc.weight", shape: [10, 751], count: 7510, layer: "fc" }],
    excluded: [], opset: 17, producer: "pytorch 1.13.1", runtime: { provider: "cpu", adapter: null, memory: null, nodes: null, copies: null, fallback: null, host: [], tf32: false, refused: [{ provider: "cuda", reason: "no CUDA library", remedy: "Set up the GPU." }], precision: "single", onnxruntime: "1.30.0" },
    method: "gram", asked: "auto", plan: null, reused: null, exact: true, complete: true, products: 0, loss: "l2", seed: 0, frobenius: Math.sqrt(85),
  },
  checks: [{ name: "adjoint", error: 3e-7, tolerance: 1e-4, passed: true }],
  warnings: [],
  singularValues: Float64Array.of(8, 4, 2, 1),
  errors: null,
  floor: 0.01,
  density: null,
  cutoff: { rank: 2, alpha: 4, rule: "rank 2", gap: 2, certified: true, count: null },
  labels: { norm: 2, cumulative: Float64Array.of(0.25, 0.5, 0.75, 1), perClass: null },
  residual: { norm: 1, cumulative: Float64Array.of(0, 0, 0.36, 1), perClass: null },
  randomLabels: { permutations: 20, mean: Float64Array.of(0.25, 0.49, 0.75, 1), low: Float64Array.of(0.1, 0.3, 0.6, 1), high: Float64Array.of(0.4, 0.6, 0.9, 1) },
  angles: null,
  layers: null,
  fit: { loss: 0.5, accuracy: 0.985, error: 0.015, margin: null },
  learningRate: { sharpness: 64, theory: 1 / 64, divergence: 2 / 64, inUsersUnits: null },
  ...change,
});
