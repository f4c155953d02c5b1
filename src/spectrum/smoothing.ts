/** The widest kernel, in decades. */
const WIDEST = 0.5;
/** Kernels are cut off after so many widths. */
const REACH = 5;

/** Half the distance between the neighbours of each of the sorted positions; the nearest one at the ends; Infinity for one alone. */
const spacings = (positions: readonly number[]): number[] =>
  positions.map((x, i) => {
    const [below, above] = [x - (positions[i - 1] ?? -Infinity), (positions[i + 1] ?? Infinity) - x];
    return below === Infinity || above === Infinity ? Math.min(below, above) : (below + above) / 2;
  });

/** Adds a Gaussian bump at x whose sum over the axis, times the spacing, is exactly `weight`. */
const addBump = (curve: Float64Array, axis: Float64Array, x: number, weight: number, width: number): void => {
  const spacing = axis[1]! - axis[0]!;
  const at = (position: number): number => Math.min(axis.length - 1, Math.max(0, Math.round((position - axis[0]!) / spacing)));
  const [from, to] = [at(x - REACH * width), at(x + REACH * width)];
  const bump = Float64Array.from({ length: to - from + 1 }, (_, i) => Math.exp(-0.5 * ((axis[from + i]! - x) / width) ** 2));
  const whole = bump.reduce((sum, value) => sum + value, 0) * spacing;
  for (let i = 0; i < bump.length; i++) curve[from + i]! += (weight * bump[i]!) / whole;
};

/**
 * A density over log10 λ (equally spaced `axis`) from weighted nodes λ; those below `floor` are left out. Each node is a Gaussian of width
 * `width` (decades), or of its residual where that is more, but no wider than its distance from its neighbours: a node that is not a
 * singular value yet stands for all values about it. The sum over the axis times its spacing is the sum of the weights. Owned by the caller.
 */
export const smooth = (axis: Float64Array, nodes: Float64Array, weights: Float64Array, residuals: Float64Array, floor: number, width: number): Float64Array => {
  const kept = Array.from(nodes, (_, i) => i).filter((i) => nodes[i]! >= floor && weights[i]! > 0).sort((i, j) => nodes[i]! - nodes[j]!);
  const positions = kept.map((i) => Math.log10(nodes[i]!));
  const distinct = positions.filter((x, k) => k === 0 || x - positions[k - 1]! > 1e-9);
  const room = new Map(spacings(distinct).map((value, k) => [distinct[k]!, value]));
  const curve = new Float64Array(axis.length);
  let distance = Infinity;
  kept.forEach((i, k) => {
    distance = room.get(positions[k]!) ?? distance;
    const own = Math.min(residuals[i]! / (nodes[i]! * Math.LN10), distance, WIDEST);
    addBump(curve, axis, positions[k]!, weights[i]!, Math.max(width, own));
  });
  return curve;
};
