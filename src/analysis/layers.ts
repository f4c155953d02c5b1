import type { BlockShare } from "./methods/decomposition.ts";
import type { ParameterChoice } from "../onnx/parameters.ts";
import type { LayerShare } from "./result.ts";

/** ‖J_ℓ‖_F of each module and its share of ‖J‖_F², in the order in which the file holds their parameters. */
export const layersOf = (blocks: readonly BlockShare[], choices: readonly ParameterChoice[]): readonly LayerShare[] => {
  const layer = new Map(choices.map((c) => [c.name, c.layer]));
  const sums = new Map<string, { parameters: string[]; squared: number }>();
  for (const choice of choices) if (choice.chosen) sums.set(choice.layer, { parameters: [...(sums.get(choice.layer)?.parameters ?? []), choice.name], squared: sums.get(choice.layer)?.squared ?? 0 });
  for (const block of blocks) {
    const own = sums.get(layer.get(block.parameters[0] ?? "") ?? "");
    if (own) own.squared += block.squaredNorm;
  }
  const total = [...sums.values()].reduce((sum, { squared }) => sum + squared, 0);
  return [...sums].map(([name, { parameters, squared }]) => ({ name, parameters, frobenius: Math.sqrt(Math.max(0, squared)), share: total > 0 ? squared / total : 0 }));
};
