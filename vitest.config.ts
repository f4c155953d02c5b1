import { defineConfig } from "vitest/config";

/** Tests that need neither a browser nor VS Code. Processes, not threads: ONNX Runtime aborts the process when a thread that runs it is ended. */
export default defineConfig({
  test: {
    include: ["test/{unit,rules,families,fuzz,formats,protocol,bundles,reference,providers}/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
