/** When the extension's code began to run; imported first, so that loading everything else is measured too. */
export const LOAD_BEGIN = performance.now();
