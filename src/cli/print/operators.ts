import type { ModelOperators, RuleFacts } from "../../analysis/operators.ts";
import { columns } from "./columns.ts";
import { count, counted } from "./numbers.ts";
import type { Style } from "./style.ts";

const fullName = (domain: string, operator: string): string => (domain === "" ? operator : `${domain}.${operator}`);

/** The table of all derivative rules. */
export const rulesText = (rules: readonly RuleFacts[]): string => {
  const rows = rules.map(({ domain, operator, kind, note }) => [fullName(domain, operator), kind, note]);
  return [...columns([["operator", "kind", ""], ...rows]), "", counted(rules.length, "operator"), ""].join("\n");
};

/** Names shown for one reason; all are in the JSON. */
const SHOWN = 4;

/** The tensors that are parameters, in numbers, and those that are not by the reason. */
const parameterLines = (parameters: ModelOperators["parameters"]): string[] => {
  const chosen = parameters.filter((p) => p.chosen);
  const excluded = new Map<string, string[]>();
  for (const { chosen: taken, reason, name } of parameters) if (!taken) excluded.set(reason, [...(excluded.get(reason) ?? []), name]);
  const total = count(chosen.reduce((sum, p) => sum + p.count, 0));
  const rows = [...excluded].map(([reason, names]) => [`  ${reason}`, String(names.length), names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? ", …" : "")]);
  return [`${counted(chosen.length, "parameter tensor")} with ${total} entries${rows.length === 0 ? "" : "; not taken:"}`, ...columns(rows, [1]), ""];
};

/** The operators of one model, and those without a rule with the nodes that use them. */
export const modelOperatorsText = ({ path, opset, operators, missing, parameters, warnings }: ModelOperators, style: Style): string => {
  const rows = operators.map(({ domain, operator, count: nodes, covered }) => [fullName(domain, operator), String(nodes), covered ? "yes" : "NO"]);
  const lines = missing.flatMap(({ operator, nodes, hint }) => [style.red(`${operator} has no rule: ${nodes.join(", ")}`), `  ${hint}`]);
  const verdict = missing.length === 0 ? style.green("every operator has a derivative rule") : style.red(`${counted(missing.length, "operator")} without a derivative rule`);
  return [`${path} · opset ${opset}`, "", ...columns([["operator", "nodes", "rule"], ...rows], [1]), "", ...parameterLines(parameters), ...warnings.flatMap(({ message, hint }) => [style.yellow(message), `  ${hint}`]), ...lines, verdict, ""].join("\n");
};
