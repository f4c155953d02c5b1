/** Steps of one story: each needs what the ones before it left. The first that fails ends it; those not reached count as failed. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * @typedef {{ name: string, run: () => Promise<void> }} Step
 * @param {readonly Step[]} steps
 * @param {{ onFailure: (name: string) => Promise<void> }} hooks
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export const runSteps = async (steps, { onFailure }) => {
  let passed = 0;
  for (const { name, run } of steps) {
    const start = performance.now();
    try {
      await run();
    } catch (error) {
      console.log(`  ✗ ${name}`);
      console.error(error);
      await onFailure(name).catch((cause) => console.error(cause));
      break;
    }
    passed += 1;
    console.log(`  ✓ ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  }
  return { passed, failed: steps.length - passed };
};

/** Leaves the counts where scripts/test.mjs looks for them. */
export const writeReport = (file, counts) => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(counts));
};

/** Waits until `read` gives something that `accept` takes; the last value is in the error. */
export const eventually = async (what, read, accept, { timeout = 20_000, every = 100 } = {}) => {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await read();
    if (accept(value)) return value;
    if (Date.now() > end) throw new Error(`${what}: still ${JSON.stringify(value)} after ${timeout / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
};
