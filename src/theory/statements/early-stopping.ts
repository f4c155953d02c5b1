import { energyOf } from "../energy.ts";
import { earlyStopping, stoppingTime } from "../dynamics.ts";
import { atMost, notMeasurable } from "./statement.ts";
import type { Cutoff } from "../cutoff.ts";
import type { Projected, Spectrum } from "../spectrum.ts";
import type { Statement } from "./statement.ts";

/**
 * The linearised training stopped after T = Γ/(ηα²) steps, with the largest step the theory allows, η = 1/λ_1²: how far it moves (value: the
 * distance D) and what it leaves, ‖r̃_T‖ ≤ e^{−Γ}‖Π_I r_0‖ + ‖Π_N r_0‖. Exact for the linear model. `gamma` Γ ≥ 1.
 * @source Oymak et al. 2019, Def 6.1 and Cor 6.6.
 */
export const earlyStoppingStatement = (spectrum: Spectrum, cutoff: Cutoff, residual: Projected, gamma: number): Statement => {
  const { singularValues } = spectrum;
  const learningRate = 1 / singularValues[0]! ** 2;
  const { distance, value, bracket, information, nuisance } = earlyStopping(singularValues, residual, cutoff.rank, cutoff.alpha, gamma);
  const energy = energyOf(singularValues, residual, cutoff.rank);
  const left = energy.norm * (Math.exp(-gamma) * energy.information + energy.nuisance);
  return {
    source: "Oymak et al. 2019, Def 6.1 and Cor 6.6",
    terms: { information, nuisance, bracket, scaled: value, learningRate, steps: stoppingTime(gamma, learningRate, cutoff.alpha), residualLeft: left },
    value: distance,
    vacuous: null,
    hypotheses: [atMost("1 ≤ Γ", 1, gamma), notMeasurable("J stays at its value of this checkpoint while training goes on")],
  };
};
