import { gramCost } from "../../jacobian/cost/gram-cost.ts";
import { LensError } from "../../core/errors.ts";
import { heldBytes, normalBytes, SLICE_BYTES } from "../methods/sizes.ts";
import { rowsProgram } from "../methods/row-source.ts";
import { differenceParts, differenceWork } from "./difference.ts";
import { ALL_VALUES, checkWork, collectLoading, collectWork, type Stored } from "./gram.ts";
import type { MemoryPart } from "./plan.ts";
import { CARRIED, eigenFlops, eigenParts, eigenSeconds, hasRules, kernelSeconds, roomOf, type Situation, unusable, weighed } from "./situation.ts";

/** All singular values from the rows of J: JᵀJ where p < nK, which is summed over slices of rows, else J held and JJᵀ. */
export const planRows = async (situation: Situation): Promise<Stored> => {
  const { open, request, rows, columns, rank, rates } = situation;
  const refused = (why: string): Stored => ({ plan: unusable("rows", ALL_VALUES, why), store: 0 });
  if (request.gram === true) return refused("works on J and does not form JJᵀ, which --gram writes");
  if (!hasRules(situation)) return refused("no parameter has a derivative rule");
  const without = differenceWork(situation);
  if (typeof without === "string") return refused(without);
  const size = { rows, columns, rank };
  const short = Math.min(rows, columns);
  try {
    const cost = gramCost(await rowsProgram({ open, request }, Infinity), open.samples, 1);
    const [collecting, checks] = [collectWork(cost, situation), checkWork(situation)];
    // JᵀJ leaves J behind: the left vectors need a second visit, unless there is room to keep it.
    const visits = columns < rows ? 2 : 1;
    const product = rows * columns * short + 4 * rows * columns * CARRIED + (columns < rows ? 2 * rows * columns * rank : 0);
    const eigen = eigenParts(short, rank, columns >= rows);
    const held: readonly MemoryPart[] = columns < rows
      ? [{ what: `JᵀJ [${columns}, ${columns}], slices of J and what is made of them`, bytes: normalBytes(size) + SLICE_BYTES, power: 0 }]
      : [{ what: `J [${rows}, ${columns}]`, bytes: heldBytes(size), power: 1 }, ...eigen, { what: "slices of J", bytes: SLICE_BYTES, power: 0 }];
    const parts: readonly MemoryPart[] = [
      ...held,
      { what: "ONNX Runtime", bytes: collecting.bytes + checks.bytes, power: 0 },
      ...differenceParts(without),
    ];
    const plan = weighed(situation, "rows", ALL_VALUES, {
      flops: visits * collecting.flops + product + checks.flops + without.flops + eigenFlops(short, CARRIED + rank),
      seconds: visits * collecting.seconds + collectLoading(cost) + kernelSeconds(product, rates) + checks.seconds + without.seconds + eigenSeconds(short, CARRIED + rank, rates),
      parts,
      device: collecting.device + checks.device + without.device,
      arena: eigen,
    });
    return { plan, store: Math.max(0, roomOf(situation) - collecting.bytes - checks.bytes - without.bytes) };
  } catch (error) {
    // A table too large to be written out is no reason against the other methods.
    if (error instanceof LensError && error.code === "MEMORY") return refused(error.message);
    throw error;
  }
};
