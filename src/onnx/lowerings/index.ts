import type { Lowering } from "../lowering.ts";
import { attentions } from "./attention.ts";
import { convolutions } from "./convolution.ts";
import { einsum } from "./einsum.ts";
import { elementwises, variadic } from "./elementwise.ts";
import { fourier } from "./fourier.ts";
import { fusions } from "./fused.ts";
import { gridSample } from "./grid-sample.ts";
import { gemm, matMul } from "./linear.ts";
import { losses } from "./loss.ts";
import { movements } from "./movement.ts";
import { normalisations } from "./normalisation.ts";
import { poolings } from "./pooling.ts";
import { recurrents } from "./recurrent.ts";
import { reductions } from "./reduction.ts";
import { resizes } from "./resize.ts";
import { roiAlign } from "./roi-align.ts";
import { rotaries } from "./rotary.ts";
import { selections } from "./selection.ts";
import { identity, reshapes, slice } from "./shape.ts";

/** Every operator that is rewritten before it is differentiated. */
export const lowerings: readonly Lowering[] = [
  gemm, matMul, slice, identity, ...reshapes, ...movements, ...selections, ...elementwises, ...variadic, ...reductions, ...convolutions, ...poolings, ...normalisations,
  einsum, ...resizes, gridSample, roiAlign, ...recurrents, ...losses, ...fourier, ...attentions, ...rotaries, ...fusions,
];
