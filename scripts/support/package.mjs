import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { must, ROOT } from "./run.mjs";

/** This machine as VS Code names it, e.g. linux-x64. */
export const thisPlatform = () => `${process.platform}-${process.arch}`;

/** Packages dist/ as it stands for one platform: its ONNX Runtime library and no other's. @returns {Promise<string>} the .vsix file */
export const packageExtension = async (target = thisPlatform()) => {
  const [os, arch] = target.split("-");
  const out = path.join(ROOT, "out");
  const file = path.join(out, `jacobian-lens-${target}.vsix`);
  const ignore = path.join(out, "vscodeignore");
  mkdirSync(out, { recursive: true });
  writeFileSync(ignore, `${readFileSync(path.join(ROOT, ".vscodeignore"), "utf8")}!node_modules/onnxruntime-node/bin/napi-v6/${os}/${arch}/**\n`);
  const vsce = path.join(ROOT, "node_modules/@vscode/vsce/vsce");
  await must(process.execPath, [vsce, "package", "--target", target, "--ignoreFile", ignore, "--out", file, "--allow-missing-repository", "--no-rewrite-relative-links"], { quiet: true });
  return file;
};
