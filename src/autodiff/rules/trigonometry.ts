import type { GraphBuilder } from "../../onnx/builder.ts";
import type { Value } from "../../onnx/value.ts";
import { elementwise } from "../rule.ts";

const one = (g: GraphBuilder, like: Value): Value => g.scalar(1, like);

/** y = sin x: y′ = cos x */
export const sin = elementwise("Sin", ({ x, g }) => g.unary("Cos", x));

/** y = cos x: y′ = −sin x */
export const cos = elementwise("Cos", ({ x, g }) => g.neg(g.unary("Sin", x)));

/** y = tan x: y′ = 1 + y² */
export const tan = elementwise("Tan", ({ y, g }) => g.add(g.square(y), one(g, y)));

/** y = arcsin x: y′ = 1/√(1 − x²) */
export const asin = elementwise("Asin", ({ x, g }) => g.unary("Reciprocal", g.unary("Sqrt", g.sub(one(g, x), g.square(x)))));

/** y = arccos x: y′ = −1/√(1 − x²) */
export const acos = elementwise("Acos", ({ x, g }) => g.neg(g.unary("Reciprocal", g.unary("Sqrt", g.sub(one(g, x), g.square(x))))));

/** y = arctan x: y′ = 1/(1 + x²) */
export const atan = elementwise("Atan", ({ x, g }) => g.unary("Reciprocal", g.add(g.square(x), one(g, x))));

/** y = sinh x: y′ = cosh x, written with exponentials, which every provider has */
export const sinh = elementwise("Sinh", ({ x, g }) => g.scale(g.add(g.unary("Exp", x), g.unary("Exp", g.neg(x))), 0.5));

/** y = cosh x: y′ = sinh x */
export const cosh = elementwise("Cosh", ({ x, g }) => g.scale(g.sub(g.unary("Exp", x), g.unary("Exp", g.neg(x))), 0.5));

/** y = arsinh x: y′ = 1/√(1 + x²) */
export const asinh = elementwise("Asinh", ({ x, g }) => g.unary("Reciprocal", g.unary("Sqrt", g.add(g.square(x), one(g, x)))));

/** y = arcosh x: y′ = 1/√(x² − 1) */
export const acosh = elementwise("Acosh", ({ x, g }) => g.unary("Reciprocal", g.unary("Sqrt", g.sub(g.square(x), one(g, x)))));

/** y = artanh x: y′ = 1/(1 − x²) */
export const atanh = elementwise("Atanh", ({ x, g }) => g.unary("Reciprocal", g.sub(one(g, x), g.square(x))));
