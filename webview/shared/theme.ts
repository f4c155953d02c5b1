/** Kinds of VS Code themes, as it writes them on body[data-vscode-theme-kind]. */
export type ThemeKind = "vscode-light" | "vscode-dark" | "vscode-high-contrast" | "vscode-high-contrast-light";

/** The colours of the drawings. base.css gives each as --lens-NAME in terms of the user's --vscode-* variables, for canvas and markup alike. */
export const COLOURS = [
  "background", "foreground", "muted", "lines", "warning", "spectrum", "labels", "residual", "random", "cutoff", "hover-background", "hover-foreground", "hover-border",
] as const;

export type Colour = (typeof COLOURS)[number];

/** Colours and letters of the drawings, all from the user's theme. */
export interface Theme {
  readonly kind: ThemeKind;
  readonly highContrast: boolean;
  readonly colour: Readonly<Record<Colour, string>>;
  readonly font: { readonly family: string; /** Pixels. */ readonly size: number };
}

const KINDS: readonly ThemeKind[] = ["vscode-light", "vscode-dark", "vscode-high-contrast", "vscode-high-contrast-light"];

/** The theme from a look-up of CSS variables; one that is not set gives the system's text colour, which is visible on any background. */
export const themeFrom = (variable: (name: string) => string, kindName: string | undefined): Theme => {
  const kind = KINDS.find((known) => known === kindName) ?? "vscode-dark";
  const colour = Object.fromEntries(COLOURS.map((name) => [name, variable(`--lens-${name}`).trim() || "CanvasText"])) as Record<Colour, string>;
  const size = Number.parseFloat(variable("--vscode-font-size"));
  return {
    kind,
    highContrast: kind.startsWith("vscode-high-contrast"),
    colour,
    font: { family: variable("--vscode-font-family").trim() || "sans-serif", size: Number.isFinite(size) ? size : 13 },
  };
};

/** The theme VS Code shows now. */
export const currentTheme = (): Theme => {
  const style = getComputedStyle(document.documentElement);
  return themeFrom((name) => style.getPropertyValue(name), document.body.dataset.vscodeThemeKind);
};

/** Calls `changed` after VS Code switched its theme; the returned function stops. */
export const onThemeChange = (changed: (theme: Theme) => void): (() => void) => {
  let queued = false;
  const observer = new MutationObserver(() => {
    if (queued) return;
    queued = true;
    // Class, attributes and variables change one after another: read them once, after the last.
    requestAnimationFrame(() => {
      queued = false;
      changed(currentTheme());
    });
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-kind", "data-vscode-theme-id"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
  return () => { observer.disconnect(); };
};
