import type { ResultView } from "../../src/protocol/lens.ts";
import { counted, formatCount, formatNumber, formatSeconds, formatShare } from "../shared/format.ts";
import { checksText } from "../lens/model/facts.ts";
import { gapView } from "../lens/model/cutoff.ts";
import { runtimeText } from "../lens/model/runtime.ts";
import { energyRows } from "../lens/model/energy.ts";

/** A headline figure; names may hold "_x" for a subscript. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly title: string;
}

/** The headline figures of a result at its cut-off. */
export const headline = (view: ResultView): Figure[] => {
  const rank = Math.min(view.singularValues.length, Math.max(1, view.cutoff.rank));
  const gap = gapView(view.singularValues, rank, view, view.facts.complete);
  const shares = energyRows(view, rank);
  const information = (id: "labels" | "residual"): Figure[] => {
    const row = shares.find((found) => found.id === id);
    const name = id === "labels" ? "‖Π_I y‖/‖y‖" : "‖Π_I r‖/‖r‖";
    return row ? [{ name, value: formatShare(row.information), title: `share of the ${id} in the information space` }] : [];
  };
  return [
    { name: "λ_1", value: formatNumber(view.singularValues[0] ?? 0), title: "largest singular value" },
    { name: "rank r", value: formatCount(rank), title: `cut-off α = ${formatNumber(view.cutoff.alpha)}` },
    { name: "gap λ_r/λ_{r+1}", value: gap.text, title: gap.warning?.sentence ?? "ratio of the singular values on both sides of the cut-off" },
    ...information("labels"),
    ...information("residual"),
  ];
};

/** Size, provider, time and checks in one line. */
export const footline = ({ facts, checks }: ResultView): string => {
  const size = `${counted(facts.samples, "sample")} × ${formatCount(facts.outputs)}`;
  return [size, counted(facts.parameters, "parameter"), runtimeText(facts.runtime), formatSeconds(facts.seconds), checksText(checks)].join(" · ");
};
