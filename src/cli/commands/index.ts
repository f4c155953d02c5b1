import { analyze } from "./analyze.ts";
import type { Command } from "./command.ts";
import { doctor } from "./doctor.ts";
import { operators } from "./operators.ts";
import { plan } from "./plan.ts";
import { product } from "./product.ts";

/** Every command of this version, in the order of the help. */
export const commands: readonly Command[] = [analyze, plan, product, operators, doctor];

/** Commands that later versions have, and what they will do: refused with this reason. */
export const LATER_COMMANDS: Readonly<Record<string, string>> = {
  trend: "the analysis over a series of checkpoints",
  compare: "two checkpoints side by side",
  weights: "spectra of the weight matrices",
};
