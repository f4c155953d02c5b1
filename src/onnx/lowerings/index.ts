import type { Lowering } from "../lowering.ts";
import { convolutions } from "./convolution.ts";
import { elementwises, variadic } from "./elementwise.ts";
import { gemm, matMul } from "./linear.ts";
import { movements } from "./movement.ts";
import { normalisations } from "./normalisation.ts";
import { poolings } from "./pooling.ts";
import { reductions } from "./reduction.ts";
import { selections } from "./selection.ts";
import { identity, reshapes, slice } from "./shape.ts";

/** Every operator that is rewritten before it is differentiated. */
export const lowerings: readonly Lowering[] = [
  gemm, matMul, slice, identity, ...reshapes, ...movements, ...selections, ...elementwises, ...variadic, ...reductions, ...convolutions, ...poolings, ...normalisations,
];
