import type { ResultView } from "../../../src/protocol/lens.ts";
import { counted } from "../../shared/format.ts";

type LayerShare = NonNullable<ResultView["layers"]>[number];

export interface LayerBar {
  readonly name: string;
  readonly title: string;
  readonly share: number;
  /** ‖J_ℓ‖_F */
  readonly frobenius: number;
  /** The bar of everything beyond the first ones. */
  readonly rest: boolean;
}

/** The `most` largest layers in falling order, and one bar for the rest, so that the shares still sum to 1. */
export const layerBars = (layers: readonly LayerShare[], most = 12): LayerBar[] => {
  const sorted = [...layers].sort((a, b) => b.share - a.share);
  // One layer more takes no more room than a bar that stands for it.
  const shown = sorted.length === most + 1 ? sorted : sorted.slice(0, most);
  const others = sorted.slice(shown.length);
  const bars = shown.map(({ name, parameters, share, frobenius }) => ({ name, title: `${name}: ${parameters.join(", ")}`, share, frobenius, rest: false }));
  if (others.length === 0) return bars;
  const sum = (of: (layer: LayerShare) => number): number => others.reduce((total, layer) => total + of(layer), 0);
  const rest = {
    name: counted(others.length, "other layer"),
    title: others.map((layer) => layer.name).join(", "),
    share: sum((layer) => layer.share),
    frobenius: Math.sqrt(sum((layer) => layer.frobenius ** 2)),
    rest: true,
  };
  return [...bars, rest];
};
