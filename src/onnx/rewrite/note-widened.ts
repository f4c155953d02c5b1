import type { Pass } from "./pass.ts";

const HALF = ["float16", "bfloat16"];

/** Tells that a model in half precision is computed in float32. Weights are widened exactly; results are no longer rounded to 11 or 8 bits. */
export const noteWidened: Pass = (model) => {
  const half = (model.widened ?? []).filter((name) => HALF.includes(name));
  if (half.length === 0) return { model, warnings: [] };
  return {
    model,
    warnings: [{
      code: "HALF_PRECISION",
      message: `The model holds ${half.join(" and ")} numbers; it is computed in float32 throughout.`,
      hint: "Weights are the same numbers. Outputs differ from those of a half-precision run by its rounding.",
    }],
  };
};
