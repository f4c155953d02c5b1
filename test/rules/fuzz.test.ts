import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/core/tensor.ts";
import { drawnBatches } from "../unit/jacobian/models.ts";
import { check, complaints } from "./check.ts";
import { checkGram } from "./gram-check.ts";
import { randomModel } from "./random-model.ts";

const COUNT = Number(process.env.FUZZ_COUNT ?? 500);
const FIRST = Number(process.env.FUZZ_SEED ?? 1);
const AT_ONCE = 25;
const SAMPLES = 4;
/** In float32 the steps are wide enough to meet kinks: a wrong rule disagrees at every point, a kink at some. In float64 the first point counts. */
const POINTS = 3;

describe(`${COUNT} random compositions of operators`, () => {
  const starts = Array.from({ length: Math.ceil(COUNT / AT_ONCE) }, (_, i) => FIRST + i * AT_ONCE);

  it.each(starts)("have consistent forward, jvp, vjp and Gram matrix, seeds from %i on", async (from) => {
    for (let seed = from; seed < Math.min(from + AT_ONCE, FIRST + COUNT); seed++) {
      const { model, input } = randomModel(seed);
      const batches = drawnBatches(seed, SAMPLES, input);
      const { graph } = model;
      const floats = [...graph.initializers.values()].filter((i) => i.dtype === "float32");
      const open = {
        ...model,
        graph: {
          ...graph,
          inputs: [...graph.inputs, ...floats.map(({ name, shape }) => ({ name, dtype: "float32" as const, shape }))],
          initializers: new Map([...graph.initializers].filter(([, i]) => i.dtype !== "float32")),
        },
      };
      const weights: Record<string, Tensor> = Object.fromEntries(floats.map((i) => [i.name, i.load()]));
      let wrong: string[] = [];
      for (let point = 0; point < POINTS; point++) {
        const outcome = await check({ name: `seed ${seed}`, model: open, feeds: { x: drawnBatches(seed + point, SAMPLES, input)(0, 2), ...weights } }, seed + point);
        wrong = complaints(outcome);
        if (wrong.length === 0 || outcome.differenceOf.endsWith("float64")) break;
      }
      expect(wrong, `seed ${seed}: ${wrong.join("; ")} (${graph.nodes.map((n) => n.op).join(" ")})`).toEqual([]);
      const { error } = await checkGram(model, batches, SAMPLES);
      expect(error, `seed ${seed}: Gram by structure against rows (${graph.nodes.map((n) => n.op).join(" ")})`).toBeLessThan(2e-5);
    }
  });
});
