import type { Graph } from "./graph.ts";
import type { Use } from "./uses.ts";

/** Operands that steer an operator or are statistics, not weights: by operator, their places and what they are. */
const NOT_WEIGHTS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  BatchNormalization: { 3: "running mean of BatchNormalization", 4: "running variance of BatchNormalization" },
  Clip: { 1: "bound of Clip", 2: "bound of Clip" },
  Dropout: { 1: "ratio of Dropout" },
  Pad: { 2: "padding value" },
  Pow: { 1: "exponent" },
  Range: { 0: "bound of Range", 1: "bound of Range", 2: "step of Range" },
  Resize: { 1: "region of Resize", 2: "scale of Resize" },
  Upsample: { 1: "scale of Upsample" },
  OneHot: { 2: "values of OneHot" },
  RoiAlign: { 1: "regions of RoiAlign" },
  QuantizeLinear: { 1: "quantisation scale" },
  DequantizeLinear: { 1: "quantisation scale" },
  QLinearConv: { 1: "quantisation scale", 4: "quantisation scale", 6: "quantisation scale" },
  QLinearMatMul: { 1: "quantisation scale", 4: "quantisation scale", 6: "quantisation scale" },
};

/** Operands at these places are weights and nothing else. */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2], ConvTranspose: [1, 2], DeformConv: [1, 3], FusedConv: [1, 2],
  Gemm: [0, 1, 2], MatMul: [0, 1], FusedMatMul: [0, 1], FusedGemm: [0, 1, 2], Einsum: [0, 1, 2, 3],
  BatchNormalization: [1, 2], InstanceNormalization: [1, 2], LayerNormalization: [1, 2], GroupNormalization: [1, 2], RMSNormalization: [1], SimplifiedLayerNormalization: [1],
  SkipLayerNormalization: [2, 3, 4], SkipSimplifiedLayerNormalization: [2, 3],
  RNN: [1, 2, 3], GRU: [1, 2, 3], LSTM: [1, 2, 3, 7],
  PRelu: [1], Gather: [0], BiasGelu: [1], FastGelu: [1], Attention: [1, 2],
};

/** What a use is where it is not that of a weight. */
export const notWeight = ({ node, place }: Use): string | undefined => NOT_WEIGHTS[node.op]?.[place];

const PRODUCTS = new Set(["MatMul", "Gemm", "Conv", "ConvTranspose", "FusedMatMul", "FusedGemm", "FusedConv", "Einsum"]);

/** Operators by the names of what they make. */
export const makersOf = (graph: Graph): ReadonlyMap<string, string> => new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node.op] as const)));

/** A vector along one axis, as biases are; scalars are constants of formulas, and matrices added to a product are masks. */
const isVector = (shape: readonly number[]): boolean => shape.filter((d) => d > 1).length === 1;

/** Whether a use of a tensor of this shape can only be that of a weight: a factor of a product, the scale of a normalisation, a vector added to a product. */
export const isWeightUse = ({ node, place }: Use, shape: readonly number[], makers: ReadonlyMap<string, string>): boolean =>
  WEIGHTS[node.op]?.includes(place) === true || (node.op === "Add" && isVector(shape) && PRODUCTS.has(makers.get(node.inputs[1 - place] ?? "") ?? ""));
