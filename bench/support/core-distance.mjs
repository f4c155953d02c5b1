import { Worker } from "node:worker_threads";

const ANSWERS = 20_000;
const [ASKED, ANSWERED, GOING] = [0, 32, 64]; // 128 bytes apart: each in a cache line of its own

const answer = `
  const { workerData } = require("node:worker_threads");
  const cells = new Int32Array(workerData);
  for (;;) {
    Atomics.wait(cells, ${GOING}, 0);
    for (let i = 1; i <= ${ANSWERS}; i++) { while (Atomics.load(cells, ${ASKED}) !== i); Atomics.store(cells, ${ANSWERED}, i); }
    Atomics.store(cells, ${GOING}, 0);
  }`;

/**
 * How far apart the cores are that two threads run on now: nanoseconds for a number to go from one to the other and back. About 100 where they
 * share a cache; where the machine has placed them in different parts of the processor several times that, and what one thread writes and
 * another reads takes as much longer. A virtual machine's cores move while it runs.
 */
export const openCoreDistance = () => {
  const cells = new Int32Array(new SharedArrayBuffer(512));
  const worker = new Worker(answer, { eval: true, workerData: cells.buffer });
  return {
    measure: async () => {
      cells.fill(0);
      Atomics.store(cells, GOING, 1);
      Atomics.notify(cells, GOING);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const start = performance.now();
      for (let i = 1; i <= ANSWERS; i++) {
        Atomics.store(cells, ASKED, i);
        while (Atomics.load(cells, ANSWERED) !== i);
      }
      return ((performance.now() - start) / ANSWERS) * 1e6;
    },
    dispose: () => worker.terminate(),
  };
};
