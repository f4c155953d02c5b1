/** Every id that the manifest and the code share, written once; a test compares this table with package.json. */

export const EXTENSION_ID = "jacobian-lens.jacobian-lens";

/** Commands. Each has one entry in commands/index.ts: a forgotten one does not compile. */
export const COMMANDS = {
  analyze: "jacobianLens.analyze",
  analyzeAgain: "jacobianLens.analyzeAgain",
  openLastResult: "jacobianLens.openLastResult",
  showResult: "jacobianLens.showResult",
  exportResult: "jacobianLens.exportResult",
  deleteResult: "jacobianLens.deleteResult",
  clearCache: "jacobianLens.clearCache",
  openLog: "jacobianLens.openLog",
  openSettings: "jacobianLens.openSettings",
  setUpGpu: "jacobianLens.setUpGpu",
} as const;

export type CommandName = keyof typeof COMMANDS;

export const VIEW_CONTAINER = "jacobianLens";

export const VIEWS = { results: "jacobianLens.results", chart: "jacobianLens.chart" } as const;

export const LENS_PANEL = "jacobianLens.lens";

/** Settings below "jacobianLens"; their defaults and descriptions stand in the manifest only. */
export const SETTINGS = {
  cutoffRule: "cutoff.rule",
  cutoffValue: "cutoff.value",
  provider: "provider",
  deviceId: "deviceId",
  strictProvider: "strictProvider",
  samples: "samples",
  memory: "memory",
  confirmAbove: "confirmAbove",
  maximumResults: "results.maximum",
  cacheSize: "cache.size",
  workerPatience: "worker.patience",
  gpuLibraryFolders: "gpu.libraryFolders",
} as const;

export const SETTINGS_SECTION = "jacobianLens";

/** Set with setContext, used in `when` clauses. */
export const CONTEXT_KEYS = { hasResults: "jacobianLens.hasResults" } as const;

/** Languages whose documents get the hover; the extension activates on them. TOML files have no language of VS Code's own, hence the pattern. */
export const HOVER_LANGUAGES = ["yaml", "json", "jsonc", "toml", "python", "markdown", "plaintext"] as const;
export const HOVER_PATTERN = "**/*.toml";
