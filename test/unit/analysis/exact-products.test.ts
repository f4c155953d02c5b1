import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { analyse } from "../../../src/analysis/pipeline.ts";
import type { AnalysisRequest } from "../../../src/analysis/request.ts";
import type { AnalysisResult } from "../../../src/analysis/result.ts";
import { silent } from "../../../src/core/progress.ts";
import { random } from "../../../src/core/random.ts";
import { float32, int64 } from "../../../src/core/tensor.ts";
import { writeNpz } from "../../../src/data/write-npy.ts";
import { writeModel } from "../../../src/onnx/write.ts";
import { ModelMaker } from "../jacobian/models.ts";
import { scratch } from "./model-files.ts";
import { bounds, run } from "./support.ts";

const folder = scratch();
const SEED = Math.floor(Math.random() * 2 ** 31);
const [SAMPLES, POSITIONS, IN, OUT, CLASSES] = [24, 10, 45, 40, 3];

/** A layer shared by ten positions, whose gradients are rows of 1800 entries in proportion to `scale`; sample i is `decay`^i as large as the first. */
const shared = (name: string, decay: number, scale = 0.05): AnalysisRequest => {
  const m = new ModelMaker(SEED, [POSITIONS, IN]);
  const hidden = m.call("Tanh", [m.call("MatMul", ["x", m.weight("w", [IN, OUT])])]);
  const model = m.finish(m.call("MatMul", [m.call("Flatten", [hidden]), m.constant("head", float32([POSITIONS * OUT, CLASSES], Float32Array.from(random(SEED, "head").normals(POSITIONS * OUT * CLASSES), (v) => v * scale)))]));
  const [file, data] = [path.join(folder, `${name}.onnx`), path.join(folder, `${name}.npz`)];
  writeFileSync(file, writeModel(model.graph, model.opsets));
  const size = POSITIONS * IN;
  const x = Float32Array.from(random(SEED, "x").normals(SAMPLES * size), (v, e) => v * decay ** Math.floor(e / size));
  writeFileSync(data, writeNpz({ x: float32([SAMPLES, POSITIONS, IN], x), y: int64([SAMPLES], Array.from({ length: SAMPLES }, (_, i) => i % CLASSES)) }));
  return { model: file, data, parameters: ["w"], method: "gram" };
};

const codes = ({ model }: AnalysisResult): string[] => model.warnings.map((w) => w.code);

/** Every error bar holds the singular value of the same analysis in float64. */
const expectWithinBars = (found: AnalysisResult, exact: AnalysisResult): void => {
  bounds(found).forEach((bar, s) => { expect(Math.abs(found.singularValues[s]! - exact.singularValues[s]!), `value ${s}`).toBeLessThanOrEqual(bar); });
};

describe(`products of wide rows in float32 (seed ${SEED})`, () => {
  it.each(["l2", "cross-entropy"] as const)("suffice where singular values are far above their rounding, which error bars and floor count (%s)", async (loss) => {
    const request = { ...shared("level", 1), loss };
    const [found, exact] = [await run(request), await run({ ...request, precision: "double" })];
    expect(codes(found)).not.toContain("PRODUCTS_REFINED");
    expect(found.floor).toBeGreaterThan(2 ** -20 * found.frobenius);
    expectWithinBars(found, exact);
  });

  it.each(["l2", "cross-entropy"] as const)("are made again in float64 where singular values lie in their rounding, and it is said (%s)", async (loss) => {
    const request = { ...shared("steep", 0.55), loss };
    const [found, exact] = [await run(request), await run({ ...request, precision: "double" })];
    expect(codes(found)).toContain("PRODUCTS_REFINED");
    expect(found.floor).toBeLessThan(2 ** -20 * found.frobenius);
    expectWithinBars(found, exact);
  });

  it.each([1e-22, 1e-15, 1e12, 1e20])("are made in float64 where they would leave the range of float32, gradients of order %f", async (scale) => {
    const { frobenius: unit } = await run({ ...shared("unit", 1, 1), precision: "double" });
    const found = await run(shared(`scaled ${scale}`, 1, scale));
    expect(found.frobenius / (scale * unit)).toBeCloseTo(1, 5);
    expect(found.errors).not.toBeNull();
  });

  it("are told from products in float64 where they are stored: the ones made again are kept in their place", async () => {
    const request = shared("stored", 0.55);
    const cache = { folder: path.join(folder, "store"), bytes: 2 ** 24 };
    const again = async (rest: Partial<AnalysisRequest> = {}): Promise<AnalysisResult> => (await analyse({ ...request, ...rest }, { progress: silent, cache })).result;
    const first = await again();
    expect(codes(first)).toContain("PRODUCTS_REFINED");
    const second = await again({ cutoff: { kind: "rank", value: 5 } });
    expect(second.method.reused).toEqual({ samples: SAMPLES, computed: 0 });
    expect(codes(second)).not.toContain("PRODUCTS_REFINED");
    expect(second.floor).toBe(first.floor);
  });
});
