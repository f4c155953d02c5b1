import type { Graph, Model, Node } from "../graph.ts";
import { MACHINE_MADE, moduleOfNode } from "../layer-names.ts";
import { isWeightUse, makersOf } from "../roles.ts";
import { finalUses, usesOf } from "../uses.ts";
import { listed, type ModelWarning, type Pass } from "./pass.ts";

const NORMALISATIONS = new Set(["BatchNormalization", "InstanceNormalization", "GroupNormalization", "LayerNormalization", "RMSNormalization"]);

const ACTIVATIONS = new Set(["Relu", "LeakyRelu", "Clip", "Sigmoid", "Elu", "Selu", "PRelu", "HardSwish", "HardSigmoid", "Tanh", "Mish", "Gelu", "Softplus"]);

/** Names that exporters and optimisers give to a convolution's weights when they fold a BatchNorm into them. */
const FOLDED = /^onnx::Conv(Transpose)?_\d+$|fused_bn|ConvBnFusion|ConvMulFusion|BatchNorm.*fold/i;

const isConvolution = (node: Node): boolean => ["Conv", "ConvTranspose", "FusedConv"].includes(node.op);

/** A sequential container that lacks the module between a convolution and its activation: "features.0" is followed by "features.2". */
const skipsModule = (node: Node, next: Node | undefined): boolean => {
  const [own, other] = [node, next].map((n) => /^(.*\.)(\d+)$/.exec(moduleOfNode(n?.name ?? "") ?? ""));
  return own?.[1] !== undefined && own[1] === other?.[1] && Number(other[2]) === Number(own[2]) + 2;
};

const followedBy = (node: Node, { nodes }: Graph): Node | undefined => nodes.find((n) => ACTIVATIONS.has(n.op) && n.inputs[0] === node.outputs[0]);

const HINT = "To keep it apart: torch.onnx.export(…, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False) on a model in evaluation mode; for files made by ONNX Runtime, the file from before optimisation.";

/**
 * Signs of a BatchNorm folded into convolutions: names that say so; a gap in the numbers of modules where it stood; or, in a network without
 * any normalisation, biases on all convolutions that an activation follows, which then is said as a possibility only.
 */
const foldedNorm = ({ graph, producer }: Model): ModelWarning[] => {
  const convolutions = graph.nodes.filter((node) => isConvolution(node) && graph.initializers.has(node.inputs[2] ?? "") && (node.op === "FusedConv" || followedBy(node, graph) !== undefined || FOLDED.test(node.inputs[1] ?? "")));
  const named = convolutions.filter((node) => FOLDED.test(node.inputs[1] ?? "") || FOLDED.test(node.inputs[2] ?? ""));
  const gaps = convolutions.filter((node) => skipsModule(node, followedBy(node, graph)));
  const certain = named.length > 0 ? named : gaps;
  if (certain.length > 0) {
    return [{
      code: "BATCHNORM_FOLDED",
      message: `The exporter folded BatchNorm into ${certain.length} convolutions (${listed(certain.map((n) => n.name))}): the parameters are the folded weights and biases, and the Jacobian is with respect to those.`,
      hint: HINT,
    }];
  }
  if (convolutions.length === 0 || !/pytorch|tf2onnx|keras/i.test(producer) || graph.nodes.some((n) => NORMALISATIONS.has(n.op)) || !graph.nodes.filter(isConvolution).every((n) => graph.initializers.has(n.inputs[2] ?? ""))) return [];
  return [{
    code: "BATCHNORM_FOLDED",
    message: `The file has no BatchNorm and every convolution has a bias: if the network was trained with BatchNorm, the exporter folded it into ${listed(convolutions.map((n) => n.name))}, and the Jacobian is with respect to the folded weights.`,
    hint: `Nothing needs to be done if the network has none. ${HINT}`,
  }];
};

/** Weights that constant folding has transposed, reshaped or joined, and whose names it replaced. */
const rearranged = ({ graph }: Model): ModelWarning[] => {
  const uses = usesOf(graph);
  const makers = makersOf(graph);
  const found = [...graph.initializers.values()].filter(({ name, shape, origin }) => {
    if (shape.length < 2 || origin !== undefined || !MACHINE_MADE.test(name)) return false;
    const own = finalUses(name, uses);
    return own.some((use) => isWeightUse(use, shape, makers)) && !own.some((use) => isConvolution(use.node));
  }).map((i) => i.name);
  if (found.length === 0) return [];
  return [{
    code: "WEIGHTS_REARRANGED",
    message: `${listed(found)} ${found.length === 1 ? "is a weight" : "are weights"} that the exporter transposed, reshaped or joined, and renamed: layers are named by the nodes that use them.`,
    hint: "Singular values and energies are the same; columns of the Jacobian stand in another order. Export with do_constant_folding=False to keep names and shapes.",
  }];
};

/** Tells what an exporter's constant folding did to the weights, where that can be seen. */
export const noteFolded: Pass = (model) => ({ model, warnings: [...foldedNorm(model), ...rearranged(model)] });
