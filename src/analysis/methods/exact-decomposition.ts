import type { ExactCertificate } from "../../spectrum/certificate-exact.ts";
import type { ExactSpectrum } from "../../spectrum/exact.ts";
import { chooseCutoff } from "../../theory/cutoff.ts";
import type { Spectrum } from "../../theory/spectrum.ts";
import type { MethodName } from "../request.ts";
import type { Warning } from "../result.ts";
import type { CarriedVector, Observed } from "../summary/vectors.ts";
import type { BlockShare, Decomposition, MethodContext } from "./decomposition.ts";

/** A full spectrum and what it was found with. */
export interface Whole {
  readonly name: MethodName;
  readonly exact: ExactSpectrum;
  readonly observed: Observed;
  readonly carried: readonly CarriedVector[];
  readonly certificate: ExactCertificate;
  /** Singular values at or below this are rounding noise. */
  readonly floor: number;
  readonly frobenius: number;
  readonly blocks: readonly BlockShare[];
  readonly warnings: readonly Warning[];
  readonly gramError: number | null;
}

/** The spectrum of all singular values, as the theory takes it. */
export const wholeSpectrum = ({ exact, certificate, floor, frobenius }: Pick<Whole, "certificate" | "floor" | "frobenius"> & { readonly exact: Pick<ExactSpectrum, "singularValues"> }): Spectrum =>
  ({ singularValues: exact.singularValues, complete: true, floor, frobenius, errors: Array.from(certificate.errors) });

/** How many left vectors the cut-off of some singular values needs; none where they are all zero, which is told later. */
export const rankOf = ({ request, open }: MethodContext, spectrum: Spectrum): number =>
  (spectrum.singularValues[0] ?? 0) > 0 ? chooseCutoff(request.cutoff, spectrum, open.network.outputs).rank : 0;

/** The first nK directions are all of R^{nK}, whichever they are. */
const anglesOf = (projections: Float64Array, rows: number): Float64Array => projections.map((angle, s) => (s + 1 === rows ? 0 : angle));

/** @throws LensError JACOBIAN_ZERO, CUTOFF_RANGE. */
export const wholeDecomposition = ({ open, request }: MethodContext, whole: Whole): Decomposition => {
  const { exact, observed, carried, blocks, warnings, gramError } = whole;
  const spectrum = wholeSpectrum(whole);
  const cutoff = chooseCutoff(request.cutoff, spectrum, open.network.outputs);
  const rows = open.samples * open.network.outputs;
  const held = exact.vectors.length / rows;
  const leading = held >= cutoff.rank ? { rows, count: cutoff.rank, values: exact.vectors.subarray(0, cutoff.rank * rows) } : null;
  const method = { name: whole.name, products: 0, exact: open.ruleless.length === 0, plan: null };
  return {
    method, observed, carried, spectrum, cutoff, leading, blocks, warnings, gramError,
    coefficients: exact.coefficients.slice(0, carried.length),
    projections: anglesOf(whole.certificate.projections, rows),
    density: null,
    gram: null,
  };
};
