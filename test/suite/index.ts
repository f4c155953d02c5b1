import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";

/** What scripts/test.mjs reads. */
interface Report {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Entry point that VS Code calls in its extension host: runs every bundled test file beside this one and, where TEST_REPORT names a file,
 * leaves the counts there. A failure rejects, which makes the run's exit code 1.
 */
export const run = async (): Promise<void> => {
  const mocha = new Mocha({ ui: "bdd", timeout: 120_000, color: false, forbidOnly: true, forbidPending: true });
  for (const file of readdirSync(__dirname).filter((name) => name.endsWith(".test.js")).sort()) mocha.addFile(path.join(__dirname, file));
  const report = await new Promise<Report>((resolve) => {
    const runner = mocha.run((failed) => {
      resolve({ passed: runner.stats?.passes ?? 0, failed });
    });
  });
  const file = process.env.TEST_REPORT;
  if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  if (report.failed > 0) throw new Error(`${report.failed} tests failed`);
};
