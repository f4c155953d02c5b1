import type { ResultSummary } from "../protocol/worker.ts";
import { startWorker } from "../worker/client.ts";

/** Makes the view and summary of a stored result again, in a worker of its own: parsing a long JSON must not hold the host's thread. @throws LensError */
export const renderInWorker = async (script: string, runId: string, folder: string, log: (line: string) => void): Promise<ResultSummary> => {
  const client = await startWorker({ script, log });
  try {
    return await client.request("render", { runId, folder });
  } finally {
    await client.dispose();
  }
};
