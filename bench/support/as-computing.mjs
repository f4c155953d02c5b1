/** Imported first: the script runs again in the environment that the processes of the product compute in, unless it does already. */
import { spawnSync } from "node:child_process";
import { load } from "./load.mjs";

const { COMPUTING_ENVIRONMENT } = await load('export { COMPUTING_ENVIRONMENT } from "./src/core/computing-environment.ts";');

if (Object.keys(COMPUTING_ENVIRONMENT).some((name) => process.env[name] === undefined)) {
  const { status } = spawnSync(process.execPath, process.argv.slice(1), { stdio: "inherit", env: { ...COMPUTING_ENVIRONMENT, ...process.env } });
  process.exit(status ?? 1);
}
