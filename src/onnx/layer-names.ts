/** Names that exporters give to constants of their own, and to weights that they have changed. */
export const MACHINE_MADE = /^(onnx::|\/|_?val_|\d+$|const_fold_opt|Const_)|Constant/;

/** The module that a parameter belongs to: its name without the last part. */
export const layerOf = (name: string): string => /^(.+)[./][^./]+$/.exec(name)?.[1] ?? name;

/** The module of a node by PyTorch's naming: "/layer1/layer1.0/conv1/Conv" stands in "layer1.0.conv1". Null for a name without a path. */
export const moduleOfNode = (name: string): string | null => {
  const parts = name.split("/").slice(1, -1);
  if (!name.startsWith("/") || parts.length === 0) return null;
  // A part that repeats the one before it, as "layer1.0" does "layer1", stands for both.
  return parts.filter((part, i) => parts[i + 1]?.startsWith(`${part}.`) !== true).join(".");
};
