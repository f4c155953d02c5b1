/** Width of the bump that stands for a singular value, in decades, and the places of the axis in one width: as for the density of a Krylov result. */
const WIDTH = 0.05;
const PLACES = 3;
/** Bumps are cut off after so many widths. */
const REACH = 5;

/**
 * The density of known singular values over log10 λ, in values per decade: each is a Gaussian bump of one width. Values that are zero or
 * below `floor` are left out. Null when none is left. Owned by the caller. Cost: 30 additions for each value.
 */
export const smoothed = (values: Float64Array, floor: number): { readonly axis: Float64Array; readonly curve: Float64Array } | null => {
  const positions = Array.from(values).filter((value) => value > 0 && value >= floor).map((value) => Math.log10(value));
  const [highest, lowest] = [positions[0], positions.at(-1)];
  if (highest === undefined || lowest === undefined) return null;
  const spacing = WIDTH / PLACES;
  const start = lowest - (REACH + 1) * WIDTH;
  const axis = Float64Array.from({ length: Math.ceil((highest - lowest + 2 * (REACH + 1) * WIDTH) / spacing) + 1 }, (_, i) => start + i * spacing);
  const curve = new Float64Array(axis.length);
  for (const position of positions) {
    const nearest = Math.round((position - start) / spacing);
    const bump = Array.from({ length: 2 * REACH * PLACES + 1 }, (_, k) => Math.exp(-0.5 * (((axis[nearest + k - REACH * PLACES] ?? Infinity) - position) / WIDTH) ** 2));
    const whole = bump.reduce((sum, height) => sum + height, 0) * spacing;
    bump.forEach((height, k) => {
      const i = nearest + k - REACH * PLACES;
      if (i >= 0 && i < curve.length) curve[i] = (curve[i] ?? 0) + height / whole;
    });
  }
  return { axis, curve };
};
