import path from "node:path";
import { Worker } from "node:worker_threads";
import { LIFELINE_VARIABLE } from "../tied-process.ts";

/**
 * Has a thread hold the lifeline that the parent gave this process, if it did (src/worker/lifeline.ts, lifeline.cjs beside this program): the
 * installer ends with its parent, also while it unpacks. Without the thread it works all the same.
 */
export const holdLifeline = (): void => {
  if (process.env[LIFELINE_VARIABLE] === undefined) return;
  const thread = new Worker(path.join(__dirname, "lifeline.cjs"));
  thread.on("error", (error) => { process.stderr.write(`The lifeline could not be held: ${error.message}\n`); });
  thread.unref();
};
