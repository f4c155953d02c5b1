/**
 * The data-testid attributes of the webviews, all of them, so that a test that names one does not compile when it is gone.
 *
 * Text fields are custom elements: their input is `[data-testid="rank"] input` (Playwright looks through the open shadow root).
 */
export const TEST_IDS = [
  // The lens panel's page; its attribute data-state is waiting, running, failed or done.
  "lens",
  "progress", "progress-label", "cancel",
  "error", "error-code", "error-message", "error-hint", "retry", "open-log",
  "model", "data", "facts", "provider", "checks", "warnings", "fit",
  // What is folded away under the facts line, and what stands in it.
  "details", "method", "method-fact", "plan", "runtime", "refused", "excluded",
  "open-json", "export-json", "analyse-again",
  // The cut-off: sliders over the two charts (role slider, drag or arrow keys), fields, presets, what the gap says.
  "cutoff-slider", "cutoff-slider-cumulative", "rank", "alpha", "preset-classes", "preset-gap", "preset-50", "gap", "gap-warning",
  // The drawings.
  "singular-values", "cumulative", "singular-values-data", "cumulative-data", "density", "density-data", "mass",
  // The table of THEORY §2: one cell per vector and share, and its copies.
  "energy-table",
  "labels-information", "labels-nuisance", "labels-pseudo-inverse",
  "residual-information", "residual-nuisance", "residual-pseudo-inverse",
  "random-information", "random-nuisance",
  "copy-tsv", "copy-markdown", "copy-latex",
  "layers", "classes", "classes-note", "learning-rate",
  // The sidebar's page; data-state is empty, running, failed or done.
  "sidebar", "sidebar-chart", "sidebar-figures", "sidebar-open", "sidebar-analyse", "sidebar-empty",
] as const;

export type TestId = (typeof TEST_IDS)[number];
