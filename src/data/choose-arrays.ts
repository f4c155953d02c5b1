import { LensError } from "../core/errors.ts";
import type { ArraySource, DataFile } from "./dataset.ts";
import type { ArrayNames } from "./formats/format.ts";

/** The arrays that stand for inputs and labels. */
export interface ChosenArrays {
  readonly x: ArraySource;
  readonly y: ArraySource | null;
}

const LABEL_NAMES = ["y", "Y", "label", "labels", "target", "targets", "class"];

const describe = (arrays: readonly ArraySource[]): string => arrays.map(({ name, shape, dtype }) => `${name} ${dtype}[${shape.join(", ")}]`).join("; ");

const ambiguous = (file: DataFile, candidates: readonly ArraySource[], what: string, option: string): LensError =>
  new LensError("DATA_ARRAYS", `${file.path}: more than one array could be the ${what}: ${describe(candidates)}`, `Choose one with ${option}, e.g. ${option} ${candidates[0]?.name ?? ""}.`);

const byName = (file: DataFile, name: string, option: string): ArraySource => {
  const found = file.arrays.find((array) => array.name === name);
  if (found) return found;
  const skipped = file.skipped.find((array) => array.name === name);
  if (skipped) throw skipped.reason;
  throw new LensError("DATA_ARRAY_NAME", `${file.path}: has no array called "${name}"; it has ${describe(file.arrays) || "none that can be used"}`, `Give one of these names to ${option}.`);
};

/** Arrays with a name nobody else would give: that one, or the first that there is. */
const usual = (arrays: readonly ArraySource[], names: readonly string[]): ArraySource | undefined =>
  names.map((name) => arrays.find((array) => array.name === name)).find((array) => array !== undefined);

const chooseX = (file: DataFile, names: ArrayNames): ArraySource => {
  if (names.x !== undefined) return byName(file, names.x, "--x");
  const spoiled = file.skipped.find(({ name }) => name === "x");
  if (spoiled) throw spoiled.reason;
  const candidates = file.arrays.filter((array) => array.shape.length > 0 && array.name !== names.y);
  const found = usual(candidates, ["x", "X"]);
  if (found) return found;
  const unlabelled = candidates.filter(({ name }) => !LABEL_NAMES.includes(name));
  const wide = unlabelled.filter(({ shape }) => shape.length > 1);
  const fitting = wide.length > 0 ? wide : unlabelled;
  const [first, ...others] = fitting;
  if (first && others.length === 0) return first;
  if (first) throw ambiguous(file, fitting, "inputs", "--x");
  throw file.skipped[0]?.reason ?? new LensError("DATA_ARRAYS", `${file.path}: no array can be the inputs; it has ${describe(file.arrays) || "none"}`, "Name the inputs with --x.");
};

/** Whether an array can hold one label or target row for each of n samples; flat targets [n·m] are allowed for floating types. */
const fitsRows = ({ shape, dtype }: ArraySource, n: number): boolean =>
  shape[0] === n || (shape.length === 1 && dtype.startsWith("float") && n > 0 && (shape[0] ?? 0) > 0 && (shape[0] ?? 0) % n === 0);

const chooseY = (file: DataFile, names: ArrayNames, x: ArraySource): ArraySource | null => {
  if (names.y !== undefined) return byName(file, names.y, "--y");
  const spoiled = file.skipped.find(({ name }) => name === "y");
  if (spoiled) throw spoiled.reason;
  const others = file.arrays.filter((array) => array !== x && array.shape.length > 0);
  const found = usual(others, LABEL_NAMES);
  if (found) return found;
  const fitting = others.filter((array) => fitsRows(array, x.shape[0] ?? 0));
  if (fitting.length > 1) throw ambiguous(file, fitting, "labels", "--y");
  return fitting[0] ?? null;
};

/**
 * Inputs and labels among the arrays of a file: those named, else x and y, else the only ones that fit. Labels may be absent.
 * @throws LensError DATA_ARRAY_NAME, DATA_ARRAYS (ambiguous, naming the arrays), DATA_LENGTH, and the error of a chosen array that cannot be used.
 */
export const chooseArrays = (file: DataFile, names: ArrayNames): ChosenArrays => {
  const x = chooseX(file, names);
  const y = chooseY(file, names, x);
  if (y && !fitsRows(y, x.shape[0] ?? 0)) {
    throw new LensError("DATA_LENGTH", `${file.path}: ${x.name} has ${x.shape[0] ?? 0} rows and ${y.name} [${y.shape.join(", ")}] has ${y.shape[0] ?? 0}`, "Give both one row per sample.");
  }
  return { x, y };
};
