import { lowering, need } from "../lowering.ts";

/** MaxPool always says where each maximum stood: its derivative reads that. */
export const maxPool = lowering("MaxPool", ({ node, g, outputs: [out], ...rest }) => {
  const x = need({ node, g, outputs: [], ...rest }, 0);
  if (!out) return [];
  return g.call("MaxPool", [x], node.attributes, [{ shape: out.shape, dtype: out.dtype }, { shape: out.shape, dtype: "int64" }]);
});
