import type { Lowering } from "../lowering.ts";
import { conv, gemm, matMul } from "./linear.ts";
import { batchNormalization, layerNormalization } from "./normalisation.ts";
import { maxPool } from "./pooling.ts";
import { globalAveragePool, identities, reductions, reshapes, slice } from "./shape.ts";

/** Every operator that is rewritten before it is differentiated. */
export const lowerings: readonly Lowering[] = [gemm, matMul, conv, batchNormalization, layerNormalization, globalAveragePool, maxPool, slice, ...reshapes, ...identities, ...reductions];
