import { part } from "../../core/progress.ts";
import type { ExactCertificate } from "../../spectrum/certificate-exact.ts";
import { errorsBy } from "../../theory/cutoff.ts";
import type { Warning } from "../result.ts";
import type { Decomposition } from "./decomposition.ts";
import type { Method } from "./index.ts";

/** Relative error of the singular value, or error of an energy's share, at the cut-off, up to which nothing is computed again: what is printed. */
const TOLERATED = 1e-3;

/** What error bars and floor would be without an error of products. */
interface Without {
  readonly certificate: ExactCertificate;
  readonly floor: number;
}

/**
 * Whether products in float32, not gradients, limit what a Gram matrix tells: singular values lie in the rounding of the one and above that of
 * the other, or an error bar at the cut-off is visible and more than half of it is theirs.
 */
export const isLimited = ({ spectrum, cutoff, projections }: Pick<Decomposition, "spectrum" | "cutoff" | "projections">, { certificate, floor }: Without): boolean => {
  const { singularValues } = spectrum;
  if (singularValues.some((value) => value > floor && value <= spectrum.floor)) return true;
  const last = cutoff.rank - 1;
  const much = (bar: number, without: number): boolean => bar > TOLERATED && bar > 2 * without;
  const value = singularValues[last] ?? 0;
  return much(errorsBy(spectrum.errors ?? 0)(last) / value, certificate.errors[last]! / value) || much(projections?.[last] ?? 0, certificate.projections[last]!);
};

const said = ({ spectrum }: Decomposition): Warning => ({
  code: "PRODUCTS_REFINED",
  message: `Products of gradients in float32 would have put the rounding floor at ${spectrum.floor.toPrecision(3)}, too high for these singular values or this cut-off: they were computed again in float64.`,
  hint: "Singular values, energies and error bars are those of the second computation; it took most of the time.",
});

/** The Gram matrix again, with all products in float64, where those of the first lost more than gradients in float32 do. Says so in a warning. */
export const withExactProducts = (method: Method): Method => async (context) => {
  const { progress } = context;
  const found = await method({ ...context, progress: part(progress, 0, 0.9) });
  if (found.limitedByProducts !== true) return found;
  const after = await method({ ...context, progress: part(progress, 0.9, 1), exactProducts: true });
  return { ...after, warnings: [...after.warnings, said(found)] };
};
