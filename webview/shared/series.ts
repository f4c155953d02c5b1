import { h, svg } from "./dom.ts";

/** How one curve looks, beside its colour: told apart by dash and marker as well, for high contrast and for print. */
export interface SeriesLook {
  readonly name: string;
  /** The colour, and the class that gives the key the same one. */
  readonly colour: "spectrum" | "labels" | "residual" | "random";
  /** Pixels on, pixels off; empty for a continuous line. */
  readonly dash: readonly number[];
  readonly marker: "circle" | "rectRot" | "triangle" | "none";
  /** A band goes with it (drawn as a pale block in the key). */
  readonly band?: boolean;
  /** Points only, without a line between them. */
  readonly scattered?: boolean;
}

const markerOf = (look: SeriesLook): SVGElement | null => {
  if (look.marker === "circle") return svg("circle", { cx: 15, cy: 6, r: 3.2, class: "marker" });
  if (look.marker === "rectRot") return svg("rect", { x: 12.2, y: 3.2, width: 5.6, height: 5.6, transform: "rotate(45 15 6)", class: "marker" });
  if (look.marker === "triangle") return svg("path", { d: "M15 2 L19 9 L11 9 Z", class: "marker" });
  return null;
};

/** The key of a drawing: for every series its line, marker and name. Hidden from assistive technology, which reads the drawing's label. */
export const seriesKey = (looks: readonly SeriesLook[]): HTMLElement =>
  h("ul", { class: "key", attributes: { "aria-hidden": "true" } }, ...looks.map((look) => {
    const marker = markerOf(look);
    const swatch = svg("svg", { width: 30, height: 12, viewBox: "0 0 30 12", class: `swatch ${look.colour}` },
      ...(look.band ? [svg("rect", { x: 0, y: 1, width: 30, height: 10, class: "band" })] : []),
      ...(look.scattered ? [] : [svg("line", { x1: 0, y1: 6, x2: 30, y2: 6, ...(look.dash.length > 0 ? { "stroke-dasharray": look.dash.join(" ") } : {}) })]),
      ...(marker ? [marker] : []));
    return h("li", {}, swatch, look.name);
  }));
