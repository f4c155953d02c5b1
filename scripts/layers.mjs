/**
 * Who may import whom (DESIGN section 3), written once. eslint.config.js makes a lint rule of it, test/unit/bundles checks the same over
 * what esbuild really put together.
 */

/** Layers of src/ and the layers each may import at run time (itself always). @type {Readonly<Record<string, readonly string[]>>} */
export const LAYERS = {
  core: [],
  system: [],
  linalg: ["core"],
  onnx: ["core"],
  autodiff: ["onnx", "core"],
  runtime: ["core", "system"],
  data: ["core"],
  "gpu-setup": ["core", "system"],
  jacobian: ["autodiff", "onnx", "linalg", "core"],
  spectrum: ["linalg", "core"],
  theory: ["linalg", "core"],
  checkpoints: ["onnx", "data", "core"],
  analysis: ["core", "linalg", "onnx", "autodiff", "runtime", "data", "gpu-setup", "jacobian", "spectrum", "theory", "checkpoints"],
  protocol: ["core"],
  worker: ["analysis", "protocol", "core", "system"],
  cli: ["analysis", "protocol", "core", "system"],
  executors: ["analysis", "protocol", "core"],
  vscode: ["worker", "gpu-setup", "protocol", "core"],
};

/** Layers of which only types may be imported, beside the ones above. @type {Readonly<Record<string, readonly string[]>>} */
export const TYPE_LAYERS = {
  jacobian: ["runtime", "data"],
  theory: ["spectrum"],
  protocol: ["analysis", "runtime", "data"],
  worker: ["runtime", "data"],
  cli: ["runtime", "data", "gpu-setup"],
  vscode: ["analysis", "runtime"],
};

/** Layers that run in a browser or anywhere else: no Node built-ins. */
export const PURE_LAYERS = ["core", "linalg", "onnx", "autodiff", "spectrum", "theory", "protocol"];

/** What the webviews may import of src/. */
export const WEBVIEW_LAYERS = ["protocol", "core"];

/** The only file that imports ONNX Runtime. */
export const ORT_FILE = "src/runtime/ort.ts";
