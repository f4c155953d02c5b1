import type { Family } from "../family.ts";
import { arrangements } from "./arrangement.ts";
import { attentions } from "./attention.ts";
import { convolutions } from "./convolution.ts";
import { denses } from "./dense.ts";
import { embeddings } from "./embedding.ts";
import { networks } from "./networks.ts";
import { normalisations } from "./normalisation.ts";
import { uses } from "./parameters.ts";
import { recurrents } from "./recurrent.ts";

/** Every family that is tested. */
export const families: readonly Family[] = [...denses, ...uses, ...convolutions, ...normalisations, ...embeddings, ...recurrents, ...attentions, ...arrangements, ...networks];
