/** A stand-in for the extension host: starts the built worker, gives it an analysis, says the worker's process id, and waits. `worker-host MODEL DATA FOLDER` */
import { startWorker } from "../../src/worker/client.ts";

const [script = "", model = "", data = "", folder = ""] = process.argv.slice(2);

const main = async (): Promise<void> => {
  const client = await startWorker({ script, log: (line) => { console.error(line); } });
  console.log(client.pid);
  await client.request("analyse", { runId: "run", folder, request: { model, data } });
};

void main();
