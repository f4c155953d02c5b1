import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** "node_modules/@scope/name/dist/x.js" → "node_modules/@scope/name", nested ones too. */
const packageOf = (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];

const licenceText = (folder) => {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name));
  return file === undefined ? "" : readFileSync(path.join(folder, file), "utf8").trim();
};

/**
 * The licences of all packages that stand in the bundles or are shipped beside them, as one text.
 * @param {string} root
 * @param {readonly import("esbuild").Metafile[]} metafiles
 * @param {readonly string[]} beside package folders, relative to the root
 */
export const thirdPartyNotices = (root, metafiles, beside) => {
  const bundled = metafiles.flatMap(({ inputs }) => Object.keys(inputs)).map(packageOf).filter((folder) => folder !== undefined);
  const folders = [...new Set([...bundled, ...beside])].sort();
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8"));
    return `${name} ${version} ${license.startsWith("(") ? license : `(${license})`}\n\n${licenceText(path.join(root, folder))}`.trim();
  });
  return `Jacobian Lens contains these packages.\n\n${parts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
};
