import { describe, expect, it } from "vitest";
import { float32, int64 } from "../../../src/core/tensor.ts";
import { moduleOfNode } from "../../../src/onnx/layer-names.ts";
import { chooseParameters, layerOf, outputsDepend } from "../../../src/onnx/parameters.ts";
import { body, bool, graph, node, ramp, value } from "./small-model.ts";

const scalar = float32([], [2]);

const net = graph({
  nodes: [
    node("Conv", ["x", "conv.weight"], ["a"]),
    node("BatchNormalization", ["a", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"], ["b"]),
    node("Clip", ["b", "low"], ["c"]), node("Mul", ["c", "temperature"], ["d"]), node("Div", ["d", "onnx::Div_7"], ["e"]), node("Add", ["e", "onnx::Add_8"], ["f"]),
    node("Reshape", ["f", "shape"], ["y"]),
  ],
  inputs: [value("x", ["n", 1, 4, 4])], outputs: ["y"],
  tensors: {
    "conv.weight": ramp(2, 1, 3, 3), "bn.weight": ramp(2), "bn.bias": ramp(2), "bn.running_mean": ramp(2), "bn.running_var": ramp(2), low: scalar, temperature: scalar,
    "onnx::Div_7": scalar, "onnx::Add_8": ramp(1, 1, 2, 2), shape: int64([2], [-1, 8]), unused: ramp(3), empty: float32([0], []),
  },
});

const reasons = (globs: readonly string[] = []): Record<string, string> => Object.fromEntries(chooseParameters(net, globs).map((c) => [c.name, `${c.chosen ? "+" : "-"} ${c.reason}`]));

describe("which tensors are parameters", () => {
  it("is said of every floating one, with the reason", () => {
    expect(reasons()).toEqual({
      "conv.weight": "+ floating initializer used as a weight", "bn.weight": "+ floating initializer used as a weight", "bn.bias": "+ floating initializer used as a weight", temperature: "+ floating initializer used as a weight",
      "bn.running_mean": "- running mean of BatchNormalization", "bn.running_var": "- running variance of BatchNormalization", low: "- bound of Clip",
      "onnx::Div_7": "- scalar constant of the exporter", "onnx::Add_8": "- constant of the exporter, not used as a weight", unused: "- not used by the output",
    });
  });

  it("follows patterns: those that match, without those that are excluded", () => {
    expect(reasons(["bn.*", "!*.bias"])).toMatchObject({ "bn.weight": '+ chosen by "bn.*"', "bn.bias": '- excluded by "!*.bias"', "bn.running_mean": '+ chosen by "bn.*"', "conv.weight": "- not named by --parameters" });
    expect(reasons(["!bn.*"])).toMatchObject({ "bn.weight": '- excluded by "!bn.*"', "conv.weight": "+ floating initializer used as a weight", "bn.running_mean": '- excluded by "!bn.*"' });
  });

  it("refuses a pattern that matches nothing, and a choice of nothing", () => {
    expect(() => chooseParameters(net, ["fc.*"])).toThrow(expect.objectContaining({ code: "PARAMETER_UNKNOWN" }));
    const said = { code: "PARAMETER_NONE", hint: expect.stringContaining("the model has: conv.weight, bn.weight, bn.bias, temperature.") as unknown };
    expect(() => chooseParameters(net, ["!*"])).toThrow(expect.objectContaining({ ...said, message: '--parameters "!*" leaves none of the model\'s 4 parameters.' }));
    expect(() => chooseParameters(net, ["bn.*", "!bn.*"])).toThrow(expect.objectContaining({ ...said, message: '--parameters "bn.*", "!bn.*" leaves none of the model\'s 4 parameters.' }));
    expect(() => chooseParameters(net, ["unused"])).toThrow(expect.objectContaining({ ...said, message: '--parameters "unused" leaves none of the model\'s 4 parameters.' }));
  });

  it("says that the model has none where that is so, whatever the patterns", () => {
    const none = graph({ nodes: [node("Clip", ["x", "low"], ["y"])], inputs: [value("x", [2, 3])], outputs: ["y"], tensors: { low: scalar } });
    for (const globs of [[], ["!*"]]) expect(() => chooseParameters(none, globs)).toThrow(expect.objectContaining({ code: "PARAMETER_NONE", message: expect.stringContaining("has no floating parameter") as unknown }));
  });

  it("sees uses inside of loops: a statistic used there is one, a weight used there is one", () => {
    const step = body({ inputs: [value("i", [], "int64"), value("goes", [], "bool"), value("h", [2, 3])], nodes: [node("MatMul", ["h", "onnx::MatMul_3"], ["t"]), node("Clip", ["t", "limit"], ["next"]), node("Identity", ["goes"], ["on"])], outputs: ["on", "next"] });
    const looped = graph({ nodes: [node("Loop", ["three", "yes", "x"], ["y"], { body: step })], inputs: [value("x", [2, 3])], outputs: ["y"], tensors: { "onnx::MatMul_3": ramp(3, 3), limit: scalar, three: int64([], [3]), yes: bool(true) } });
    expect(chooseParameters(looped).map((c) => [c.name, c.chosen, c.reason])).toEqual([["onnx::MatMul_3", true, "floating initializer used as a weight"], ["limit", false, "bound of Clip"]]);
  });

  it("finds a weight behind what only hands it on", () => {
    const handed = graph({ nodes: [node("Transpose", ["onnx::Transpose_1"], ["t"]), node("Reshape", ["t", "shape"], ["u"]), node("MatMul", ["x", "u"], ["y"])], inputs: [value("x", [2, 3])], outputs: ["y"], tensors: { "onnx::Transpose_1": ramp(2, 3), shape: int64([2], [3, 2]) } });
    expect(chooseParameters(handed).map((c) => c.chosen)).toEqual([true]);
  });
});

describe("layers", () => {
  it("are the names of parameters without their last part", () => {
    expect([layerOf("blocks.0.conv1.weight"), layerOf("model/dense/kernel"), layerOf("W")]).toEqual(["blocks.0.conv1", "model/dense", "W"]);
  });

  it("are read from PyTorch's node names, whose parts repeat", () => {
    expect(["/layer1/layer1.0/conv1/Conv", "/fc/MatMul", "/MatMul", "MatMul_3"].map(moduleOfNode)).toEqual(["layer1.0.conv1", "fc", null, null]);
  });
});

describe("whether outputs depend on parameters", () => {
  it("is known from the graph alone", () => {
    expect([outputsDepend(net, new Set(["conv.weight"])), outputsDepend(net, new Set(["unused"]))]).toEqual([true, false]);
  });
});
