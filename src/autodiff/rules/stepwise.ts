import { type Rule, zero } from "../rule.ts";

/** Floating results that move in steps, or not at all. */
const STEPS = ["Ceil", "Floor", "Round", "Sign", "Hardmax", "ConstantOfShape", "EyeLike"] as const;

/** Integer and boolean results. */
const WHOLE = [
  "Shape", "Size", "ArgMax", "ArgMin", "NonZero", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "And", "Or", "Xor",
  "IsNaN", "IsInf", "QuantizeLinear", "NonMaxSuppression",
] as const;

/** Lowering gathers the distinct entries by the places that this gives; its own values carry nothing. */
const PLACES = ["Unique"] as const;

/** Operators without a derivative, on purpose and by name. */
export const stepwise: readonly Rule[] = [...STEPS, ...WHOLE, ...PLACES].map((op) => zero(op));
