/** What a user sees and does in the extension's own webviews; elements by data-testid (webview/shared/test-ids.ts). */
import { eventually } from "./steps.mjs";
import { webviewFrame } from "./workbench.mjs";

const id = (name) => `[data-testid="${name}"]`;

/** The six cells of the table of THEORY section 2. */
const CELLS = ["labels-information", "labels-nuisance", "labels-pseudo-inverse", "residual-information", "residual-nuisance", "residual-pseudo-inverse"];

/**
 * How many pixels of a canvas are painted, and how many colours stand there; read from its own memory.
 * @returns {Promise<{ width: number, height: number, painted: number, colours: number }>}
 */
const inspectCanvas = (locator) =>
  locator.evaluate((element) => {
    const canvas = element instanceof HTMLCanvasElement ? element : element.querySelector("canvas");
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const colours = new Set();
    let painted = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] === 0) continue;
      painted += 1;
      colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    }
    return { width, height, painted, colours: colours.size };
  });

/** The lens panel once it shows a finished result, of this model where one is named. */
export const lensPanel = async (page, { state = "done", model, timeout = 120_000 } = {}) => {
  const frame = await webviewFrame(page, `${id("lens")}[data-state="${state}"]${model ? `:has(${id("model")}:has-text("${model}"))` : ""}`, { timeout });
  const text = (name) => frame.locator(id(name)).first().innerText();
  return {
    frame,
    text,
    locate: (name) => frame.locator(id(name)).first(),
    click: (name) => frame.locator(id(name)).first().click(),
    canvas: (name) => inspectCanvas(frame.locator(id(name)).first()),
    /** The table's numbers by cell. */
    table: async () => Object.fromEntries(await Promise.all(CELLS.map(async (cell) => [cell, Number(await text(cell))]))),
    /** Drags the cut-off line by a share of its chart's width, in steps, and calls `during` half way. */
    dragCutoff: async (share, during) => {
      const slider = frame.locator(id("cutoff-slider")).first();
      const box = await slider.boundingBox();
      const chart = await frame.locator(id("singular-values")).first().boundingBox();
      const from = { x: box.x + box.width / 2, y: chart.y + chart.height / 2 };
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      for (let i = 1; i <= 5; i++) await page.mouse.move(from.x + (share * chart.width * i) / 10, from.y);
      await during();
      await page.mouse.move(from.x + share * chart.width, from.y, { steps: 5 });
      await page.mouse.up();
    },
    /** Types a rank into its field. */
    setRank: async (rank) => {
      const field = frame.locator(`${id("rank")} input`).first();
      await field.fill(String(rank));
      await field.press("Enter");
    },
    rank: async () => Number(await frame.locator(`${id("rank")} input`).first().inputValue()),
    themeKind: () => frame.locator("body").getAttribute("data-vscode-theme-kind"),
  };
};

/** The chart in the activity bar's container. */
export const sidebar = async (page, state) => {
  const frame = await webviewFrame(page, state ? `${id("sidebar")}[data-state="${state}"]` : id("sidebar"));
  return {
    frame,
    text: (name) => frame.locator(id(name)).first().innerText(),
    click: (name) => frame.locator(id(name)).first().click(),
    canvas: () => inspectCanvas(frame.locator(id("sidebar-chart")).first()),
  };
};

/** Waits until a drawing has many painted pixels in more than one colour. */
export const isDrawn = (what, canvas) => eventually(`${what} drawn`, canvas, ({ painted, colours }) => painted > 500 && colours > 3);
