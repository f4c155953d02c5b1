import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Value } from "../../onnx/value.ts";
import { absolute, polynomial } from "./elementary.ts";

/** Coefficients of the three rational functions, highest power first. */
const NEAR = {
  over: [1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3],
  under: [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3],
};
const MIDDLE = {
  over: [2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3],
  under: [1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3],
};
const FAR = {
  over: [1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4],
  under: [1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3],
};

/** Up to here erf itself is approximated, from here on erfc. */
const NEAR_END = 0.46875;
const MIDDLE_END = 4;

const ratio = (x: Value, { over, under }: typeof NEAR, g: GraphBuilder): Value => g.div(polynomial(x, over, g), polynomial(x, under, g));

/** e^{−a²}, a ≥ 0, with a² split so that its rounding does not reach the exponent. */
const gaussian = (a: Value, g: GraphBuilder): Value => {
  const coarse = g.scale(g.unary("Floor", g.scale(a, 16)), 1 / 16);
  const rest = g.mul(g.sub(a, coarse), g.add(a, coarse));
  return g.mul(g.unary("Exp", g.neg(g.square(coarse))), g.unary("Exp", g.neg(rest)));
};

interface Pieces {
  /** Whether |x| is small, where erf x = `near`. */
  readonly small: Value;
  readonly near: Value;
  /** erfc|x|. */
  readonly beyond: Value;
}

/** @source Cody 1969, Rational Chebyshev approximations for the error function; relative errors below 1.2e-16·a few. */
const pieces = (x: Value, g: GraphBuilder): Pieces => {
  const a = absolute(x, g);
  const inverse = g.div(g.scalar(1, x), g.square(a));
  const far = g.div(g.sub(g.scalar(1 / Math.sqrt(Math.PI), x), g.mul(inverse, ratio(inverse, FAR, g))), a);
  const scaled = g.where(g.greater(a, g.scalar(MIDDLE_END, x)), far, ratio(a, MIDDLE, g));
  // Beyond 27 it is zero in float64; the square of a larger number may be infinite.
  const beyond = g.where(g.greater(a, g.scalar(27, x)), g.scalar(0, x), g.mul(gaussian(a, g), scaled));
  return { small: g.less(a, g.scalar(NEAR_END, x)), near: g.mul(x, ratio(g.square(x), NEAR, g)), beyond };
};

/** erf x of float64 values. */
export const erf = (x: Value, g: GraphBuilder): Value => {
  const { small, near, beyond } = pieces(x, g);
  const one = g.scalar(1, x);
  return g.where(small, near, g.where(g.less(x, g.scalar(0, x)), g.sub(beyond, one), g.sub(one, beyond)));
};

/** 1 − erf x, with all its digits for large x. */
export const erfc = (x: Value, g: GraphBuilder): Value => {
  const { small, near, beyond } = pieces(x, g);
  return g.where(small, g.sub(g.scalar(1, x), near), g.where(g.less(x, g.scalar(0, x)), g.sub(g.scalar(2, x), beyond), beyond));
};
