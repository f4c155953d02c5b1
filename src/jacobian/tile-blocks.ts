import { sizeOf } from "../core/tensor.ts";
import type { FactorProgram } from "./factor-program.ts";
import type { TileBlock } from "./tile-forms.ts";

const widthOf = (value: { readonly shape: readonly number[] }): number => sizeOf(value.shape.slice(1));

/** The blocks of a factor program's Gram matrix, those of parameters without structure last. */
export const tileBlocks = ({ blocks, solo }: FactorProgram): TileBlock[] => [
  ...blocks.map(({ form, a, g, positions, withBias }): TileBlock => ({ form, a: a ? widthOf(a) : 0, g: widthOf(g), positions, withBias })),
  ...solo.map(({ parameter }): TileBlock => ({ form: "rows", a: 0, g: sizeOf(parameter.shape), positions: 1, withBias: false })),
];

/** Bytes of one sample's factors. */
export const factorBytes = (program: FactorProgram): number => {
  const width = program.network.output.dtype === "float64" ? 8 : 4;
  return tileBlocks(program).reduce((sum, block) => sum + width * (block.a + program.network.outputs * block.g), 0);
};
