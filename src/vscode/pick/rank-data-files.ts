import path from "node:path";

/** Endings of the data files an analysis reads; the order is that of preference. */
export const DATA_ENDINGS = ["npz", "npy", "csv"] as const;

const NAMES = [/^(train|training)\b/i, /^(test|val|valid|validation)\b/i, /data|train|test|samples|digits|mnist|cifar/i];

/** Steps between two folders: up to the common one and down again. */
const steps = (from: string, to: string): number => path.relative(from, to).split(path.sep).filter(Boolean).length;

const nameRank = (file: string): number => {
  const found = NAMES.findIndex((pattern) => pattern.test(path.basename(file)));
  return found < 0 ? NAMES.length : found;
};

const endingRank = (file: string): number => DATA_ENDINGS.findIndex((ending) => file.toLowerCase().endsWith(`.${ending}`));

/**
 * Data files in the order to propose them for a model: the one used with it last, then those lying near it, then by telling names (train
 * before test before data), then by ending. Ties by name, so that the order is always the same.
 */
export const rankDataFiles = (model: string, files: readonly string[], last: string | undefined): readonly string[] => {
  const folder = path.dirname(model);
  const keys = new Map(files.map((file) => [file, [file === last ? 0 : 1, steps(folder, path.dirname(file)), nameRank(file), endingRank(file)]]));
  return [...files].sort((a, b) => {
    const [left = [], right = []] = [keys.get(a), keys.get(b)];
    const differing = left.findIndex((value, i) => value !== right[i]);
    return differing < 0 ? a.localeCompare(b) : (left[differing] ?? 0) - (right[differing] ?? 0);
  });
};
