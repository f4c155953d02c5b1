import { readFileSync } from "node:fs";

const folder = new URL("../../fixtures/theory/", import.meta.url);
const bytes = readFileSync(new URL("reference.bin", folder));

interface Index {
  readonly arrays: Readonly<Record<string, { readonly offset: number; readonly length: number }>>;
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
const { arrays, figures } = JSON.parse(readFileSync(new URL("reference.json", folder), "utf8")) as Index;

/** One array of PyTorch's and numpy's numbers (test/fixtures/theory/make.py). */
export const reference = (name: string): Float64Array => {
  const place = arrays[name];
  if (place === undefined) throw new Error(`no reference ${name}`);
  return Float64Array.from({ length: place.length }, (_, i) => bytes.readDoubleLE(8 * (place.offset + i)));
};

/** The figures of one training run's checkpoint. */
export const figuresOf = (name: string): Readonly<Record<string, number>> => figures[name] ?? {};

/** A vector of which the reference knows only the squared coefficients: u_sᵀz = ±√energy, the sign not mattering to energies. */
export const fromSquares = (squares: Float64Array): { vector: Float64Array; coefficients: Float64Array } => {
  const coefficients = squares.map(Math.sqrt);
  return { vector: coefficients, coefficients };
};
