import { formatNumber, superscript } from "./format.ts";

/** A place on an axis; `label` is empty for the small ticks between. */
export interface Tick {
  readonly value: number;
  readonly label: string;
  readonly major: boolean;
}

/** A power of ten in words of an axis: 0.001 … 1000 written out, further ones as 10ⁿ. */
export const powerLabel = (exponent: number): string => {
  if (exponent < -3 || exponent > 3) return `10${superscript(exponent)}`;
  return exponent < 0 ? (10 ** exponent).toFixed(-exponent) : String(10 ** exponent);
};

/** Ticks of a linear axis from `low` to `high`: multiples of 1, 2 or 5 times a power of ten, at most `most` of them. */
export const linearTicks = (low: number, high: number, most: number): Tick[] => {
  const rough = (high - low) / Math.max(1, most - 1);
  if (!(rough > 0)) return [{ value: low, label: formatNumber(low), major: true }];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((nice) => nice * power >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const exponent = Math.floor(Math.log10(step) + 1e-9);
  const label = (value: number): string => {
    const rounded = Number(value.toPrecision(12));
    if (Math.abs(rounded) < step / 2) return "0";
    const size = Math.floor(Math.log10(Math.abs(rounded)) + 1e-9);
    return formatNumber(rounded, Math.max(1, size - exponent + 1));
  };
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const value = (first + i) * step;
    return { value, label: label(value), major: true };
  });
};

/** Powers of ten every `stride` decades; between them 2 … 9 when every decade is labelled, or the left-out powers when not. */
const decades = (low: number, high: number, stride: number): Tick[] => {
  const ticks: Tick[] = [];
  for (let e = Math.floor(low); e <= Math.ceil(high); e++) {
    const labelled = e % stride === 0;
    ticks.push({ value: 10 ** e, label: labelled ? powerLabel(e) : "", major: labelled });
    if (stride === 1) for (let k = 2; k < 10; k++) ticks.push({ value: k * 10 ** e, label: "", major: false });
  }
  return ticks;
};

/** 1, 2 and 5 of every decade labelled, the other digits small. */
const oneTwoFive = (low: number, high: number): Tick[] =>
  Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => Math.floor(low) + i).flatMap((e) =>
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((k) => {
      const value = Number(`${String(k)}e${String(e)}`);
      const major = k === 1 || k === 2 || k === 5;
      return { value, label: !major ? "" : e >= -3 && e <= 3 ? String(value) : k === 1 ? powerLabel(e) : `${String(k)}×${powerLabel(e)}`, major };
    }));

/**
 * Ticks of a logarithmic axis from `low` > 0 to `high`, at most `most` of them labelled: powers of ten over many decades, 1–2–5 over one or two,
 * evenly spaced numbers over less than half a decade.
 */
export const logTicks = (low: number, high: number, most: number): Tick[] => {
  const from = Math.log10(low);
  const to = Math.log10(high);
  const inside = (tick: Tick): boolean => tick.value >= low * (1 - 1e-9) && tick.value <= high * (1 + 1e-9);
  const labels = (ticks: readonly Tick[]): number => ticks.filter((tick) => tick.major).length;
  if (to - from < 0.5) return linearTicks(low, high, most);
  const fine = oneTwoFive(from, to).filter(inside);
  if (to - from < 2.5 && labels(fine) <= most) return fine;
  for (let stride = 1; ; stride++) {
    const ticks = decades(from, to, stride).filter(inside);
    if (labels(ticks) <= Math.max(1, most)) return labels(ticks) >= 2 || labels(fine) > most ? ticks : fine;
  }
};
