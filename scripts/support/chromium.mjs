/** The browser of the workbench tests: found, or on a Debian where we are root, installed. */
import { existsSync } from "node:fs";
import { onPath } from "./on-path.mjs";
import { run } from "./run.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** Path of a Chromium of this machine ($CHROMIUM first), or undefined. */
export const findChromium = () => process.env.CHROMIUM ?? NAMES.map(onPath).find(Boolean) ?? PLACES.find((file) => existsSync(file));

const installChromium = async () => {
  const found = findChromium();
  if (found !== undefined) return found;
  if (onPath("apt-get") === undefined || process.getuid?.() !== 0) return undefined;
  await run("apt-get", ["update"], { quiet: true });
  await run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], { quiet: true, env: { DEBIAN_FRONTEND: "noninteractive" } });
  return findChromium();
};

let chromium;
/** As findChromium; installs Debian's package where there is none and we may, once for all who ask. @returns {Promise<string | undefined>} */
export const ensureChromium = () => (chromium ??= installChromium());
