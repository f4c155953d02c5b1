import type { Value } from "../../onnx/value.ts";
import { again, elementwise, linear, rule } from "../rule.ts";

const first = (values: readonly Value[]): Value => {
  const [value] = values;
  if (!value) throw new Error("an elementwise rule has an operand");
  return value;
};

/** Y = A + B.  jvp Ẏ = Ȧ + Ḃ (broadcast)   vjp Ā = Ȳ, B̄ = Ȳ (summed back over broadcast axes) */
export const add = rule("Add", {
  kind: "linear",
  elementwise: true,
  jvp: ({ tangents: [da, db], outputs, g }) => {
    const sum = g.sumOf(da, db);
    return sum && g.expand(sum, first(outputs).shape);
  },
  vjp: ({ inputs, cotangent, wants, g }) => inputs.map((x, i) => wants[i] === true && g.sumTo(cotangent, x.shape)),
});

/** Y = A − B. */
export const sub = rule("Sub", {
  kind: "linear",
  elementwise: true,
  jvp: ({ tangents: [da, db], outputs, g }) => {
    const sum = da && db ? g.sub(da, db) : (da ?? (db && g.neg(db)));
    return sum && g.expand(sum, first(outputs).shape);
  },
  vjp: ({ inputs: [a, b], cotangent, wants, g }) => [wants[0] && a && g.sumTo(cotangent, a.shape), wants[1] && b && g.sumTo(g.neg(cotangent), b.shape)],
});

/** Y = A·B.  jvp Ẏ = Ȧ·B + A·Ḃ   vjp Ā = Ȳ·B, B̄ = Ȳ·A */
export const mul = rule("Mul", {
  elementwise: true,
  jvp: ({ inputs: [a, b], tangents: [da, db], g }) => g.sumOf(da && b && g.mul(da, b), db && a && g.mul(a, db)),
  vjp: ({ inputs: [a, b], cotangent, wants, g }) => (a && b ? [wants[0] && g.sumTo(g.mul(cotangent, b), a.shape), wants[1] && g.sumTo(g.mul(cotangent, a), b.shape)] : []),
});

/** Y = A/B.  jvp Ẏ = (Ȧ − Y·Ḃ)/B   vjp Ā = Ȳ/B, B̄ = −Y·Ȳ/B */
export const div = rule("Div", {
  elementwise: true,
  jvp: ({ inputs: [, b], outputs: [y], tangents: [da, db], g }) => {
    if (!b || !y) return undefined;
    const inner = da && db ? g.sub(da, g.mul(y, db)) : (da ?? (db && g.neg(g.mul(y, db))));
    return inner && g.div(inner, b);
  },
  vjp: ({ inputs: [a, b], outputs: [y], cotangent, wants, g }) => {
    if (!a || !b || !y) return [];
    return [wants[0] && g.sumTo(g.div(cotangent, b), a.shape), wants[1] && g.sumTo(g.neg(g.mul(g.div(y, b), cotangent)), b.shape)];
  },
});

export const neg = linear("Neg", (context, x) => again(context, x), ({ g }, y) => g.neg(y), (rows, { g }) => g.neg(rows));

/** y = 1/x: y′ = −y² */
export const reciprocal = elementwise("Reciprocal", ({ y, g }) => g.neg(g.square(y)));

/** y = √x: y′ = 1/(2y) */
export const sqrt = elementwise("Sqrt", ({ y, g }) => g.div(g.scalar(0.5, y), y));

/** y = eˣ: y′ = y */
export const exp = elementwise("Exp", ({ y }) => y);

/** y = log x: y′ = 1/x */
export const log = elementwise("Log", ({ x, g }) => g.unary("Reciprocal", x));

/**
 * Y = A^B.  jvp Ẏ = B·A^(B−1)·Ȧ + Y·log A·Ḃ. The exponent may be an integer tensor; 0·log 0 counts as 0.
 */
export const pow = rule("Pow", {
  elementwise: true,
  jvp: (context) => {
    const { tangents: [da, db], g } = context;
    return g.sumOf(da && g.mul(da, powerSlope(context.inputs, g)), db && g.mul(db, exponentSlope(context.inputs, context.outputs, g)));
  },
  vjp: ({ inputs, outputs, cotangent, wants, g }) => [
    wants[0] === true && g.sumTo(g.mul(cotangent, powerSlope(inputs, g)), first(inputs).shape),
    wants[1] === true && inputs[1] && g.sumTo(g.mul(cotangent, exponentSlope(inputs, outputs, g)), inputs[1].shape),
  ],
});

type Builder = Parameters<typeof add.jvp>[0]["g"];

/** B·A^(B−1); 0 for the exponent 0, also where A is 0. */
const powerSlope = ([a, b]: readonly Value[], g: Builder): Value => {
  if (!a || !b) throw new Error("Pow has two operands");
  const exponent = g.cast(b, a.dtype);
  const slope = g.mul(exponent, g.pow(a, g.shift(exponent, -1)));
  const neverZero = b.constant !== undefined && Array.from(b.constant.data as ArrayLike<number | bigint>, Number).every((value) => value !== 0);
  return neverZero ? slope : g.where(g.equal(exponent, g.scalar(0, exponent)), g.scalar(0, a), slope);
};

const exponentSlope = ([a]: readonly Value[], [y]: readonly Value[], g: Builder): Value => {
  if (!a || !y) throw new Error("Pow has two operands and a result");
  const positive = g.greater(a, g.scalar(0, a));
  return g.where(positive, g.mul(y, g.unary("Log", g.where(positive, a, g.scalar(1, a)))), g.scalar(0, a));
};
