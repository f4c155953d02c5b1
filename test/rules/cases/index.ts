import type { RuleCase } from "../case.ts";
import { activation } from "./activation.ts";
import { arithmetic } from "./arithmetic.ts";
import { convolution } from "./convolution.ts";
import { linear } from "./linear.ts";
import { normalisation } from "./normalisation.ts";
import { pooling } from "./pooling.ts";
import { shape } from "./shape.ts";

/** Every case that the generic checker runs. */
export const cases: readonly RuleCase[] = [...arithmetic, ...activation, ...linear, ...convolution, ...pooling, ...normalisation, ...shape];
