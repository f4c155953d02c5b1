import type { MethodName } from "../request.ts";
import type { Decomposition, MethodContext } from "./decomposition.ts";
import { withExactProducts } from "./exact-products.ts";
import { byGram } from "./gram.ts";
import { byKrylov } from "./krylov.ts";
import { refining } from "./refine.ts";
import { byRows } from "./rows.ts";
import { bySketch } from "./sketch.ts";

/** What computes an analysis's decomposition. */
export type Method = (context: MethodContext) => Promise<Decomposition>;

/**
 * Every method by the name under which it is asked for. What `auto` stands for is the plan's choice: "rows" where p < nK (JᵀJ), else "gram"
 * where JJᵀ fits, else "krylov".
 */
export const METHODS: Readonly<Record<MethodName, Method>> = {
  gram: refining(withExactProducts(byGram)),
  rows: refining(byRows),
  krylov: refining(byKrylov),
  "finite-difference": byGram,
  sketch: bySketch,
};
