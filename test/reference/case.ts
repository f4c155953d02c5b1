import { readdirSync, readFileSync } from "node:fs";
import { inRepository } from "./command-line.ts";

/** One network with facts that PyTorch and numpy computed. test/fixtures/README.md says what each file holds. */
export interface ReferenceCase {
  readonly name: string;
  readonly model: string;
  readonly data: string;
  readonly expected: string;
  /** Options of the command line that the model needs. */
  readonly options: readonly string[];
  /** In column order of J. */
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly samples: number;
  readonly classes: number;
}

const FOLDER = inRepository("test/fixtures/reference");

const readCase = (name: string): ReferenceCase => {
  const file = (base: string): string => `${FOLDER}/${name}/${base}`;
  const { options, parameters, samples, classes } = JSON.parse(readFileSync(file("case.json"), "utf8")) as Omit<ReferenceCase, "model" | "data" | "expected">;
  return { name, model: file("model.onnx"), data: file("data.npz"), expected: file("expected.npz"), options, parameters, samples, classes };
};

/** Found by listing the folder: a case added there is tested. */
export const CASES: readonly ReferenceCase[] = readdirSync(FOLDER).sort().map(readCase);
