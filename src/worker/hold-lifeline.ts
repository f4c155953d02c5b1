import path from "node:path";
import { Worker } from "node:worker_threads";

/**
 * Starts the thread that watches over this process (lifeline.ts), which a parent started with a pipe for it. Without the thread this process
 * works all the same; it is only not ended with its parent while native code holds its main thread.
 */
export const holdLifeline = (): void => {
  const thread = new Worker(path.join(__dirname, "lifeline.cjs"));
  thread.on("error", (error) => { console.error(`The lifeline could not be held: ${error.message}`); });
  thread.unref();
};
