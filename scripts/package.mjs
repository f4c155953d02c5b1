/** Builds for production and packages: node scripts/package.mjs [linux-x64 …]. Default: this platform. */
import path from "node:path";
import { ensureDependencies } from "./support/dependencies.mjs";
import { packageExtension, thisPlatform } from "./support/package.mjs";
import { must, ROOT } from "./support/run.mjs";

await ensureDependencies();
await must(process.execPath, [path.join(ROOT, "scripts/build.mjs"), "--production"]);
const targets = process.argv.slice(2);
for (const target of targets.length > 0 ? targets : [thisPlatform()]) console.log(await packageExtension(target));
