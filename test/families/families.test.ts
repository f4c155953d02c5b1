import { describe, expect, it } from "vitest";
import { chooseParameters } from "../../src/onnx/parameters.ts";
import { openRuntime } from "../../src/runtime/ort.ts";
import { derivativeComplaints } from "./derivative-check.ts";
import type { Family } from "./family.ts";
import { checkGram, type GramSubject } from "./gram-check.ts";
import { drawnBatches, Maker } from "./maker.ts";
import { families } from "./models/index.ts";

const SEED = Number(process.env.FAMILIES_SEED ?? 4_711);
const SAMPLES = 4;
const runtime = openRuntime("cpu", 1);

const subjectOf = (family: Family): GramSubject => {
  const maker = new Maker(SEED, family, family.opset ?? 21);
  const model = maker.finish(family.build(maker));
  return { runtime, model, parameters: maker.weights, batches: drawnBatches(SEED, SAMPLES, family), samples: SAMPLES, batch: family.batch ?? 3 };
};

const table = families.map((family) => [family.title, family] as const);

describe(`networks of every kind (seed ${SEED})`, () => {
  it.each(table)("are differentiated in both modes: %s", async (_title, family) => {
    expect(await derivativeComplaints(subjectOf(family), SEED)).toEqual([]);
  });

  it.each(table)("have the Gram matrix of their rows: %s", async (_title, family) => {
    const subject = subjectOf(family);
    const chosen = chooseParameters(subject.model.graph).filter((c) => c.chosen).map((c) => c.name);
    expect([...chosen].sort(), "parameters by default").toEqual([...subject.parameters].sort());
    const { error, size, blocks, products, alone } = await checkGram(subject, SEED);
    expect(size).toBeGreaterThan(1e-3);
    expect(error).toBeLessThan(2e-5);
    expect(blocks, "shares of the parameters").toBeLessThan(1e-4);
    expect(products, "products of several vectors").toBeLessThan(2e-5);
    expect(alone, "parameters that are taken one sample at a time").toEqual(family.alone ?? []);
  });
});
