import { modelOperatorsText, rulesText } from "../print/operators.ts";
import { toJson } from "../print/json.ts";
import { styleOf } from "../print/style.ts";
import { checkOutputs, writeText } from "../output-files.ts";
import type { Command } from "./command.ts";

/** `operators [MODEL]`: all derivative rules, or those a model needs; status 1 when one is missing. */
export const operators: Command = {
  name: "operators",
  computes: true,
  positionals: ["[MODEL]"],
  usage: "[--json FILE]",
  summary: "derivative rules: all, or those a model needs (status 1 if one is missing)",
  options: ["json"],
  run: async (args, { services, terminal }) => {
    const [model] = args.positionals;
    const json = args.text("json");
    await checkOutputs({ text: json });
    const found = model === undefined ? { rules: await services.listRules() } : { model: await services.modelOperators(model) };
    const data = found.model ?? found.rules;
    if (json !== undefined && json !== "-") await writeText(json, toJson(data));
    if (json === "-") terminal.out(toJson(data));
    else terminal.out(found.model ? modelOperatorsText(found.model, styleOf(terminal.outColour)) : rulesText(found.rules));
    return found.model && found.model.missing.length > 0 ? 1 : 0;
  },
};
