import { sizeOf } from "../core/tensor.ts";
import type { FactorProgram } from "./factor-program.ts";
import type { ProductType } from "./product.ts";
import type { TileBlock } from "./tile-forms.ts";

const widthOf = (value: { readonly shape: readonly number[] }): number => sizeOf(value.shape.slice(1));

/** Entries of a row up to which blocks of rows are multiplied side by side, in float64: alone, each would be a product too small to be worth its steps. */
export const NARROW = 1024;

/**
 * What a block's rows are multiplied in. Wide ones take nearly all of the time, which float32 halves; what that costs in digits is measured
 * while it is done (`Gram.rounding`). The others are float64.
 */
const productsOf = ({ form, a, g, positions }: Omit<TileBlock, "products">, { network, exactProducts = false }: FactorProgram): ProductType => {
  const width = form === "strips" ? (a * g) / positions ** 2 : g;
  return !exactProducts && network.output.dtype !== "float64" && (form === "rows" || form === "strips") && width > NARROW ? "float32" : "float64";
};

/** The blocks of a factor program's Gram matrix, those of parameters without structure last. */
export const tileBlocks = (program: FactorProgram): TileBlock[] => [
  ...program.blocks.map(({ form, a, g, positions, withBias }) => ({ form, a: a ? widthOf(a) : 0, g: widthOf(g), positions, withBias })),
  ...program.solo.map(({ parameter }) => ({ form: "rows" as const, a: 0, g: sizeOf(parameter.shape), positions: 1, withBias: false })),
].map((block) => ({ ...block, products: productsOf(block, program) }));

/** Bytes of one sample's factors. */
export const factorBytes = (program: FactorProgram): number => {
  const width = program.network.output.dtype === "float64" ? 8 : 4;
  return tileBlocks(program).reduce((sum, block) => sum + width * (block.a + program.network.outputs * block.g), 0);
};
