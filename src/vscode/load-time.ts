/** When the extension's code began to run; imported first, so that the measured activation includes loading everything else. */
export const LOADED_AT = performance.now();
