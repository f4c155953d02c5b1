import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { chooseParameters } from "../../../../src/onnx/parameters.ts";
import { openModel } from "../../../../src/analysis/model-file.ts";
import type { Family } from "../../../families/family.ts";
import { drawnBatches, Maker } from "../../../families/maker.ts";
import { families } from "../../../families/models/index.ts";
import { againstRuns, LARGE, type Traced } from "./against-runs.ts";

const SEED = Number(process.env.FAMILIES_SEED ?? 4_711);
const SAMPLES = 4;
const CASES = fileURLToPath(new URL("../../../fixtures/reference/", import.meta.url));

const tracedFamily = (family: Family): Traced => {
  const maker = new Maker(SEED, family, family.opset ?? 21);
  return { model: maker.finish(family.build(maker)), parameters: maker.weights, rows: drawnBatches(SEED, SAMPLES, family) };
};

const tracedFile = async (file: string): Promise<Traced> => {
  const { model } = await openModel(file);
  const shape = (model.graph.inputs[0]?.shape ?? []).slice(1).map(Number);
  return { model, parameters: chooseParameters(model.graph).filter((c) => c.chosen).map((c) => c.name), rows: drawnBatches(SEED, SAMPLES, { shape }) };
};

/** Families that take any batch; the others are never traced at a size that is not theirs. */
const free = families.filter((family) => family.batch === undefined).map((family) => [family.title, family] as const);

/** Families that are run at each size: they cut along the axis of the samples, at places that small batches do not tell. */
const RUN = new Set(["two views of each sample through one layer, one batch after the other", "two views of each image through one convolution, scaled", "grouped convolution of two views", "every other row of a list of all samples' tokens"]);

describe(`shapes and constants of large batches, told by small ones (seed ${SEED})`, () => {
  it.each(readdirSync(CASES))("are those of a run: %s", async (name) => {
    expect(await againstRuns(await tracedFile(path.join(CASES, name, "model.onnx")))).toEqual({ wrong: [], told: LARGE });
  });

  it.each(free)("are those of a run: %s", async (title, family) => {
    expect(await againstRuns(tracedFamily(family))).toEqual({ wrong: [], told: RUN.has(title) ? [] : LARGE });
  });
});
