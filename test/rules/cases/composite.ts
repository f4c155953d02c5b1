import { type RuleCase, between, floats, ints, one, v } from "../case.ts";

const EQUATIONS: readonly (readonly [string, readonly (readonly number[])[]])[] = [
  ["ij,jk->ik", [[3, 4], [4, 5]]],
  ["bij,bjk->bik", [[2, 3, 4], [2, 4, 5]]],
  ["bhid,bhjd->bhij", [[2, 2, 3, 4], [2, 2, 5, 4]]],
  ["ij->ji", [[3, 4]]],
  ["ij->i", [[3, 4]]],
  ["ii->i", [[4, 4]]],
  ["bii->b", [[2, 3, 3]]],
  ["...ij,...jk->...ik", [[2, 3, 4], [2, 4, 5]]],
  ["...i,i->...", [[2, 3, 4], [4]]],
  ["i,j->ij", [[3], [4]]],
  ["ij,ij->", [[3, 4], [3, 4]]],
  ["ij,jk,kl->il", [[2, 3], [3, 4], [4, 2]]],
  ["ba,cd", [[2, 3], [3, 2]]],
  ["ijk,jil->kl", [[2, 3, 4], [3, 2, 5]]],
];

const einsums = EQUATIONS.map(([equation, shapes]) => one("Einsum", equation, shapes.map((shape) => v(shape)), { attributes: { equation } }));

const weighted: readonly RuleCase[] = [
  one("Einsum", "a weight under tokens, bti,io->bto", [v([3, 5, 4]), v([4, 2])], { attributes: { equation: "bti,io->bto" }, samples: true }),
  one("Einsum", "a weight on the right, bi,oi->bo", [v([3, 4]), v([5, 4])], { attributes: { equation: "bi,oi->bo" }, samples: true }),
];

const losses: readonly RuleCase[] = ["none", "mean", "sum"].flatMap((reduction) => [
  one("NegativeLogLikelihoodLoss", `${reduction}, weighted, one target ignored`, [v([3, 4, 2]), ints([0, 3, 1, 2, 2, 0], [3, 2]), between(0.5, 1.5, [4])], { attributes: { reduction, ignore_index: 1 } }),
  one("SoftmaxCrossEntropyLoss", `${reduction}, both outputs`, [v([3, 4]), ints([0, 3, 1])], { attributes: { reduction }, outputs: 2 }),
]);

const signals: readonly RuleCase[] = [
  one("DFT", "complex, axis 1", [v([2, 5, 2])], { attributes: { axis: 1 }, opset: 17 }),
  one("DFT", "real, half of it, padded (opset 20)", [v([2, 5, 1]), ints([8], []), ints([1], [])], { attributes: { onesided: 1 }, opset: 20 }),
  one("DFT", "inverse, cut", [v([2, 3, 6, 2]), ints([4], [])], { attributes: { axis: 2, inverse: 1 }, opset: 17 }),
  one("STFT", "a window that moves", [v([2, 20, 1]), ints([4], []), v([8]), ints([8], [])], { opset: 17 }),
];

const grids: readonly RuleCase[] = ["zeros", "border", "reflection"].flatMap((padding_mode) => ["linear", "cubic", "nearest"].flatMap((mode) => [0, 1].map((align_corners) =>
  one("GridSample", `${mode}, ${padding_mode}, align_corners ${align_corners}`, [v([2, 2, 4, 5]), between(-1.3, 1.3, [2, 3, 3, 2])], { attributes: { mode, padding_mode, align_corners }, opset: 20 }))));

const volumes: readonly RuleCase[] = [
  one("GridSample", "three axes", [v([1, 2, 3, 4, 3]), between(-1.1, 1.1, [1, 2, 2, 2, 3])], { attributes: { mode: "linear" }, opset: 20 }),
  one("GridSample", "the names of opset 16", [v([1, 2, 3, 4]), between(-1.1, 1.1, [1, 2, 2, 2])], { attributes: { mode: "bicubic" }, opset: 16 }),
];

const corners = v([3, 4], (source) => 1 + 3 * source.uniform());

const aligned: readonly RuleCase[] = [
  one("RoiAlign", "regions that move", [v([2, 2, 7, 8]), corners, ints([0, 1, 1])], { attributes: { output_height: 2, output_width: 3, sampling_ratio: 2, spatial_scale: { float: 1.3 } } }),
  one("RoiAlign", "fixed regions, samples by their size", [v([1, 2, 8, 8]), floats([1, 1, 5, 6], [1, 4]), ints([0])], { attributes: { output_height: 2, output_width: 2 } }),
  one("RoiAlign", "the largest, whole pixels", [v([2, 2, 7, 8]), floats([0.5, 1.1, 4.2, 5.3, 2.2, 1.7, 6.1, 4.4], [2, 4]), ints([0, 1])], { attributes: { output_height: 2, output_width: 2, sampling_ratio: 2, mode: "max", coordinate_transformation_mode: "output_half_pixel" } }),
];

const COORDINATES = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric"] as const;

const resized: readonly RuleCase[] = [
  ...COORDINATES.flatMap((coordinate_transformation_mode) => (["nearest", "linear", "cubic"] as const).map((mode) =>
    one("Resize", `${mode}, ${coordinate_transformation_mode}, sizes`, [v([1, 2, 4, 5]), undefined, undefined, ints([1, 2, 7, 3])], { attributes: { mode, coordinate_transformation_mode } }))),
  one("Resize", "twice as large, nearest", [v([1, 2, 3, 4]), undefined, floats([1, 1, 2, 2])], { attributes: { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" } }),
  one("Resize", "linear with antialiasing", [v([1, 2, 8, 9]), undefined, floats([1, 1, 0.5, 0.6])], { attributes: { mode: "linear", antialias: 1 } }),
  one("Resize", "cubic with antialiasing", [v([1, 2, 8, 9]), undefined, undefined, ints([1, 2, 4, 5])], { attributes: { mode: "cubic", antialias: 1, cubic_coeff_a: { float: -0.5 } } }),
  one("Resize", "some axes (opset 18)", [v([1, 2, 4, 5]), undefined, floats([1.5, 2])], { attributes: { mode: "linear", axes: [2, 3] } }),
  one("Resize", "opset 10, linear", [v([1, 1, 4, 5]), floats([1, 1, 1.5, 2])], { attributes: { mode: "linear" }, opset: 10 }),
  one("Resize", "opset 10, nearest, smaller", [v([1, 1, 6, 6]), floats([1, 1, 0.6, 0.5])], { opset: 10 }),
  one("Upsample", "opset 9", [v([1, 2, 3, 4]), floats([1, 1, 2, 3])], { opset: 9 }),
  one("Upsample", "opset 7, linear, scales as attribute", [v([1, 2, 3, 4])], { attributes: { mode: "linear", scales: { type: "floats", value: [1, 1, 2, 2] } }, opset: 7 }),
];

export const composite: readonly RuleCase[] = [...einsums, ...weighted, ...losses, ...signals, ...grids, ...volumes, ...aligned, ...resized];
