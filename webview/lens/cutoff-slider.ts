import { h } from "../shared/dom.ts";
import type { Plot } from "../shared/plot.ts";
import type { TestId } from "../shared/test-ids.ts";
import type { CutoffState } from "./cutoff-state.ts";
import { describeCutoff, rankAfterKey, rankAtPosition, splitPosition } from "./model/cutoff.ts";

/** Pixels on both sides of the line that count as the line. */
const REACH = 8;

/** Keeps the handle over the line the canvas draws. */
const placeOver = (slider: HTMLElement, plot: Plot, rank: number): void => {
  const area = plot.area();
  if (!area) return;
  slider.style.left = `${String(plot.xPixel(splitPosition(rank)) - REACH)}px`;
  slider.style.top = `${String(area.top - REACH)}px`;
  slider.style.width = `${String(2 * REACH)}px`;
  slider.style.height = `${String(area.bottom - area.top + REACH)}px`;
};

/**
 * The handle of the cut-off over a drawing: drag it, press anywhere in the axes to bring it there, or use the keys of a slider.
 * Puts itself into `box`, the positioned parent of the canvas, and follows the drawing's size.
 */
export const attachCutoffSlider = (box: HTMLElement, plot: Plot, state: CutoffState, testid: TestId): void => {
  const count = state.values.length;
  const range = { tabindex: 0, "aria-label": "Cut-off between information and nuisance space", "aria-orientation": "horizontal", "aria-valuemin": 1, "aria-valuemax": count };
  const slider = h("div", { class: "cutoff-slider", role: "slider", testid, title: "Cut-off: drag, or use the arrow keys", attributes: range });
  const show = (): void => {
    const cutoff = state.current();
    placeOver(slider, plot, cutoff.rank);
    slider.setAttribute("aria-valuenow", String(cutoff.rank));
    slider.setAttribute("aria-valuetext", describeCutoff(state.values, cutoff));
  };
  const follow = (event: PointerEvent): void => { state.setRank(rankAtPosition(plot.xValue(event.clientX - box.getBoundingClientRect().left), count)); };
  const inAxes = (event: PointerEvent): boolean => {
    const { left, top } = box.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const area = plot.area();
    return area !== null && x >= area.left - REACH && x <= area.right + REACH && y >= area.top - REACH && y <= area.bottom;
  };
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !inAxes(event)) return;
    event.preventDefault();
    box.setPointerCapture(event.pointerId);
    box.classList.add("dragging");
    slider.focus({ preventScroll: true });
    if (event.target !== slider) follow(event);
  });
  box.addEventListener("pointermove", (event) => { if (box.hasPointerCapture(event.pointerId)) follow(event); });
  box.addEventListener("lostpointercapture", () => { box.classList.remove("dragging"); });
  slider.addEventListener("keydown", (event) => {
    const next = event.ctrlKey || event.metaKey || event.altKey ? null : rankAfterKey(event.key, event.shiftKey, state.current().rank, count);
    if (next === null) return;
    event.preventDefault();
    state.setRank(next);
  });
  box.append(slider);
  plot.onLayout(show);
  state.onChange(() => {
    plot.redraw();
    show();
  });
  show();
};
