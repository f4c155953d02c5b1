import type { ModelOperators, RuleFacts } from "../../analysis/operators.ts";
import { columns } from "./columns.ts";
import { counted } from "./numbers.ts";
import type { Style } from "./style.ts";

const fullName = (domain: string, operator: string): string => (domain === "" ? operator : `${domain}.${operator}`);

/** The table of all derivative rules. */
export const rulesText = (rules: readonly RuleFacts[]): string => {
  const rows = rules.map(({ domain, operator, kind, note }) => [fullName(domain, operator), kind, note]);
  return [...columns([["operator", "kind", ""], ...rows]), "", counted(rules.length, "operator"), ""].join("\n");
};

/** The operators of one model, and those without a rule with the nodes that use them. */
export const modelOperatorsText = ({ path, opset, operators, missing }: ModelOperators, style: Style): string => {
  const rows = operators.map(({ domain, operator, count, covered }) => [fullName(domain, operator), String(count), covered ? "yes" : "NO"]);
  const lines = missing.flatMap(({ operator, nodes, hint }) => [style.red(`${operator} has no rule: ${nodes.join(", ")}`), `  ${hint}`]);
  const verdict = missing.length === 0 ? style.green("every operator has a derivative rule") : style.red(`${counted(missing.length, "operator")} without a derivative rule`);
  return [`${path} · opset ${opset}`, "", ...columns([["operator", "nodes", "rule"], ...rows], [1]), "", ...lines, verdict, ""].join("\n");
};
