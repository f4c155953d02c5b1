import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Value } from "../../onnx/value.ts";

/** Elementary functions of float64 values from those that ONNX Runtime's CPU provider has in float64, each right to a few units of the last place. */

/** Σ c_i·x^{n−i} by Horner's scheme. */
export const polynomial = (x: Value, [first = 0, ...rest]: readonly number[], g: GraphBuilder): Value => rest.reduce((sum, c) => g.shift(g.mul(sum, x), c), g.scalar(first, x));

export const absolute = (x: Value, g: GraphBuilder): Value => g.unary("Abs", x);

/** y with the sign of x; y not negative. */
export const signed = (y: Value, x: Value, g: GraphBuilder): Value => g.where(g.less(x, g.scalar(0, x)), g.neg(y), y);

/** log(1 + x) as log(u)·x/(u − 1), u = 1 + x rounded. @source Kahan; Higham 2002, Accuracy and Stability, 1.14.1. */
export const logOnePlus = (x: Value, g: GraphBuilder): Value => {
  const u = g.shift(x, 1);
  const one = g.scalar(1, x);
  return g.where(g.equal(u, one), x, g.mul(g.unary("Log", u), g.div(x, g.sub(u, one))));
};

/** eˣ − 1: 2t/(1 − t) with t = tanh(x/2) for |x| < 1, where the difference would lose digits. */
export const expMinusOne = (x: Value, g: GraphBuilder): Value => {
  const t = g.unary("Tanh", g.scale(x, 0.5));
  const near = g.div(g.scale(t, 2), g.sub(g.scalar(1, x), t));
  return g.where(g.less(absolute(x, g), g.scalar(1, x)), near, g.shift(g.unary("Exp", x), -1));
};

/** (e^a − e^{−a})/2 = (E + E/(E + 1))/2 with E = e^a − 1, a = |x|. */
export const sinh = (x: Value, g: GraphBuilder): Value => {
  const e = expMinusOne(absolute(x, g), g);
  return signed(g.scale(g.add(e, g.div(e, g.shift(e, 1))), 0.5), x, g);
};

export const cosh = (x: Value, g: GraphBuilder): Value => g.scale(g.add(g.unary("Exp", x), g.unary("Exp", g.neg(x))), 0.5);

export const tan = (x: Value, g: GraphBuilder): Value => g.div(g.unary("Sin", x), g.unary("Cos", x));

/** Highest power first. */
const ATAN_P = [-8.750608600031904122785e-1, -1.615753718733365076637e1, -7.500855792314704667340e1, -1.228866684490136173410e2, -6.485021904942025371773e1];
const ATAN_Q = [1, 2.485846490142306297962e1, 1.650270098316988542046e2, 4.328810604912902668951e2, 4.853903996359136964868e2, 1.945506571482613964425e2];

/** What π/2 is more than its float64. */
const LOST = 6.123233995736765886130e-17;

/**
 * arctan x: a rational function on |x| ≤ 0.66, reached from x by −1/x beyond tan 3π/8 and by (x − 1)/(x + 1) between.
 * @source Moshier, Cephes Mathematical Library, atan.
 */
export const atan = (x: Value, g: GraphBuilder): Value => {
  const one = g.scalar(1, x);
  const a = absolute(x, g);
  const far = g.greater(a, g.scalar(2.41421356237309504880, x));
  const middle = g.greater(a, g.scalar(0.66, x));
  const reduced = g.where(far, g.neg(g.div(one, a)), g.where(middle, g.div(g.sub(a, one), g.add(a, one)), a));
  const start = g.where(far, g.scalar(Math.PI / 2, x), g.where(middle, g.scalar(Math.PI / 4, x), g.scalar(0, x)));
  const lost = g.where(far, g.scalar(LOST, x), g.where(middle, g.scalar(LOST / 2, x), g.scalar(0, x)));
  const z = g.square(reduced);
  const series = g.mul(g.mul(reduced, z), g.div(polynomial(z, ATAN_P, g), polynomial(z, ATAN_Q, g)));
  return signed(g.add(start, g.add(g.add(series, lost), reduced)), x, g);
};

/** 2·arctan(x/(1 + √((1 − x)(1 + x)))). */
export const asin = (x: Value, g: GraphBuilder): Value => {
  const one = g.scalar(1, x);
  const root = g.unary("Sqrt", g.mul(g.sub(one, x), g.add(one, x)));
  return g.scale(atan(g.div(x, g.shift(root, 1)), g), 2);
};

/** 2·arctan √((1 − x)/(1 + x)). */
export const acos = (x: Value, g: GraphBuilder): Value => {
  const one = g.scalar(1, x);
  return g.scale(atan(g.unary("Sqrt", g.div(g.sub(one, x), g.add(one, x))), g), 2);
};

/** log(1 + a + a²/(1 + √(a² + 1))), a = |x|. */
export const asinh = (x: Value, g: GraphBuilder): Value => {
  const a = absolute(x, g);
  const square = g.square(a);
  return signed(logOnePlus(g.add(a, g.div(square, g.shift(g.unary("Sqrt", g.shift(square, 1)), 1))), g), x, g);
};

/** log(1 + t + √(t(t + 2))), t = x − 1. */
export const acosh = (x: Value, g: GraphBuilder): Value => {
  const t = g.shift(x, -1);
  return logOnePlus(g.add(t, g.unary("Sqrt", g.mul(t, g.shift(t, 2)))), g);
};

/** ½·log(1 + 2a/(1 − a)), a = |x|. */
export const atanh = (x: Value, g: GraphBuilder): Value => {
  const a = absolute(x, g);
  return signed(g.scale(logOnePlus(g.div(g.scale(a, 2), g.sub(g.scalar(1, x), a)), g), 0.5), x, g);
};
