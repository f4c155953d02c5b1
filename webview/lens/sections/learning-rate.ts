import type { ResultView } from "../../../src/protocol/lens.ts";
import { formula, h } from "../../shared/dom.ts";
import { formatNumber } from "../../shared/format.ts";
import type { Section } from "./section.ts";

const entry = (name: Node | string, value: number, meaning: string): HTMLElement => h("tr", {}, h("th", { attributes: { scope: "row" } }, name), h("td", {}, formatNumber(value)), h("td", { class: "meaning" }, meaning));

/** Learning-rate limits that λ_1 sets, in the theory's units and in the user's where they were given. THEORY §3. */
export const learningRateSection = ({ learningRate }: Pick<ResultView, "learningRate">): Section => {
  const users = Object.entries(learningRate.inUsersUnits ?? {});
  return {
    element: h("section", { class: "card learning-rate", testid: "learning-rate" }, h("header", {}, h("h2", {}, "Learning rate")),
      h("table", {}, h("tbody", {},
        entry(formula("λ_1²"), learningRate.sharpness, "sharpness"),
        entry(formula("1/λ_1²"), learningRate.theory, "the theory’s limit"),
        entry(formula("2/λ_1²"), learningRate.divergence, "gradient descent diverges beyond"),
        ...users.map(([name, value]) => entry(name, value, "in your units")))),
      h("p", { class: "note" }, "For the loss ½‖f − y‖², a sum over samples and outputs; divide a mean accordingly.")),
  };
};
