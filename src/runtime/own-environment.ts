import { COMPUTING_ENVIRONMENT } from "../core/computing-environment.ts";

/**
 * Imported before ONNX Runtime. A process that was not started with the environment of those that compute (a test, a script) gets it here, before
 * the native library is loaded and reads it: no process of ours has telemetry, whoever started it.
 */
for (const [name, value] of Object.entries(COMPUTING_ENVIRONMENT)) process.env[name] ??= value;
