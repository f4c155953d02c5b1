import { int64 } from "../../../src/core/tensor.ts";
import { type RuleCase, fixed, floats, ints, one, v } from "../case.ts";

const running = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([exclusive, reverse]) =>
  one("CumSum", `exclusive ${exclusive}, reverse ${reverse}`, [v([3, 4]), fixed(int64([], [1]))], { attributes: { exclusive, reverse } }));

const triangles = [["upper", 1, 0], ["lower", 0, 0], ["upper", 1, 1], ["lower", 0, -1]] as const;

const pads: readonly RuleCase[] = [
  one("Pad", "zeros", [v([2, 3]), ints([1, 0, 0, 2])]),
  one("Pad", "negative pads cut", [v([4, 5]), ints([-1, 1, 0, -2])]),
  one("Pad", "a constant that moves", [v([2, 3]), ints([1, 0, 0, 2]), v([])]),
  one("Pad", "some axes only", [v([2, 3, 4]), ints([1, 2]), floats([0.5], []), ints([-1])]),
  one("Pad", "edge", [v([3, 4]), ints([2, 1, 0, 3])], { attributes: { mode: "edge" } }),
  one("Pad", "reflect", [v([3, 4]), ints([2, 1, 1, 3])], { attributes: { mode: "reflect" } }),
  one("Pad", "wrap", [v([3, 4]), ints([2, 1, 1, 3])], { attributes: { mode: "wrap" } }),
  one("Pad", "attributes (opset 2)", [v([3, 4])], { attributes: { mode: "reflect", pads: [1, 0, 1, 2] }, opset: 10 }),
  one("Pad", "a value as attribute (opset 2)", [v([3, 4])], { attributes: { pads: [1, 0, 1, 2], value: { float: 2 } }, opset: 10 }),
];

export const movement: readonly RuleCase[] = [
  ...running,
  ...triangles.map(([name, upper, k]) => one("Trilu", `${name}, k = ${k}`, [v([2, 4, 5]), fixed(int64([], [k]))], { attributes: { upper } })),
  ...pads,
  one("ReverseSequence", "time first", [v([4, 3, 2]), ints([1, 4, 3])], { attributes: { time_axis: 0, batch_axis: 1 } }),
  one("ReverseSequence", "batch first", [v([3, 4]), ints([2, 1, 4])], { attributes: { time_axis: 1, batch_axis: 0 } }),
  one("Cast", "to float64", [v([2, 3])], { attributes: { to: 11 } }),
  one("Split", "equal parts", [v([6, 2])], { attributes: { num_outputs: 3 }, outputs: 3 }),
  one("Split", "given sizes on the last axis", [v([2, 6]), ints([1, 2, 3])], { attributes: { axis: -1 }, outputs: 3 }),
  one("Split", "sizes as an attribute (opset 11)", [v([2, 6])], { attributes: { axis: 1, split: [4, 2] }, outputs: 2, opset: 11 }),
  one("Tile", "three axes", [v([2, 1, 3]), ints([2, 3, 1])]),
  one("DepthToSpace", "depth first", [v([2, 8, 2, 3])], { attributes: { blocksize: 2 } }),
  one("DepthToSpace", "columns first", [v([2, 8, 2, 3])], { attributes: { blocksize: 2, mode: "CRD" } }),
  one("SpaceToDepth", "2×2", [v([2, 3, 4, 6])], { attributes: { blocksize: 2 } }),
  one("Range", "start and step that move", [v([]), floats([100], []), floats([7], [])]),
  one("Dropout", "in inference, with its mask", [v([2, 3])], { outputs: 2 }),
  one("Det", "single", [v([3, 3])]),
  one("Det", "batches of 1×1, 2×2 and 4×4", [v([2, 4, 4])]),
  one("Det", "1×1", [v([2, 1, 1])]),
  one("Det", "2×2", [v([3, 2, 2])]),
];
