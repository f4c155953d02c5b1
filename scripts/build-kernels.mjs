/**
 * Compiles the AssemblyScript kernels of src/linalg/kernels to WebAssembly, once with plain SIMD and once with relaxed SIMD (fused
 * multiply–add), and writes both as text into src/linalg/kernels.generated.ts, so that bundles need no file beside them.
 *   node scripts/build-kernels.mjs
 * Does nothing when the sources are those that the existing file was made from.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = path.join(root, "src/linalg/kernels");
const target = path.join(root, "src/linalg/kernels.generated.ts");

/** What the output depends on: the kernels, this script and the compiler's version. */
const stamp = () => {
  const hash = createHash("sha256");
  const files = readdirSync(sources).filter((name) => name.endsWith(".ts")).sort();
  for (const name of files) hash.update(name).update(readFileSync(path.join(sources, name)));
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  hash.update(readFileSync(path.join(root, "node_modules/assemblyscript/package.json")));
  return `// Made by scripts/build-kernels.mjs from src/linalg/kernels, ${hash.digest("hex")}. Do not edit.\n`;
};

const isCurrent = (line) => {
  try {
    return readFileSync(target, "utf8").startsWith(line);
  } catch {
    return false;
  }
};

/** One build as base64. */
const compile = async (features) => {
  const { default: asc } = await import("assemblyscript/asc");
  const folder = mkdtempSync(path.join(tmpdir(), "kernels-"));
  try {
    const out = path.join(folder, "kernels.wasm");
    const enable = features.flatMap((feature) => ["--enable", feature]);
    const options = ["-O3", "--runtime", "stub", "--noAssert", "--importMemory", ...enable];
    const { error, stderr } = await asc.main([path.join(sources, "index.ts"), "--outFile", out, ...options]);
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    return readFileSync(out).toString("base64");
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const line = stamp();
if (!isCurrent(line)) {
  const plain = await compile(["simd"]);
  const relaxed = await compile(["simd", "relaxed-simd"]);
  const text = [
    line,
    "/** The kernels with plain SIMD, base64. */",
    `export const PLAIN = "${plain}";`,
    "/** The kernels with relaxed SIMD, base64: needs an engine that validates it. */",
    `export const RELAXED = "${relaxed}";`,
    "",
  ].join("\n");
  // Written beside and renamed: two builds at the same time never leave half a file.
  const draft = `${target}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, target);
  console.log(`kernels: ${Math.round((plain.length * 3) / 4096)} KB plain, ${Math.round((relaxed.length * 3) / 4096)} KB relaxed`);
}
