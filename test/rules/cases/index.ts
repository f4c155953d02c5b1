import type { RuleCase } from "../case.ts";
import { activation } from "./activation.ts";
import { arithmetic } from "./arithmetic.ts";
import { attention } from "./attention.ts";
import { composite } from "./composite.ts";
import { convolution } from "./convolution.ts";
import { gather } from "./gather.ts";
import { linear } from "./linear.ts";
import { movement } from "./movement.ts";
import { normalisation } from "./normalisation.ts";
import { parameters } from "./parameters.ts";
import { piecewise } from "./piecewise.ts";
import { pooling } from "./pooling.ts";
import { recurrent } from "./recurrent.ts";
import { reduction } from "./reduction.ts";
import { shape } from "./shape.ts";

/** Every case that the generic checker runs. */
export const cases: readonly RuleCase[] = [...arithmetic, ...activation, ...piecewise, ...linear, ...convolution, ...pooling, ...normalisation, ...reduction, ...shape, ...movement, ...gather, ...composite, ...recurrent, ...attention, ...parameters];
