import type { Plan } from "../../analysis/plan/plan.ts";
import { refusalOf } from "../../analysis/plan/refuse.ts";
import { PLAN_OPTIONS } from "../arguments/options.ts";
import { analyzeRequest } from "../arguments/request.ts";
import { durationOf } from "../arguments/values.ts";
import { checkOutputs, writeText } from "../output-files.ts";
import { toJson } from "../print/json.ts";
import { planText } from "../print/plan.ts";
import { progressLine } from "../print/progress.ts";
import { styleOf } from "../print/style.ts";
import { withTimeout } from "../timeout.ts";
import type { Command } from "./command.ts";

/** `plan MODEL --data FILE`: what each method would cost and which would be used; status 4 when none fits. */
export const plan: Command = {
  name: "plan",
  computes: true,
  positionals: ["MODEL"],
  usage: "--data FILE [options]",
  summary: "what an analysis would cost by each method, which it would take and why (status 4 if none fits)",
  options: PLAN_OPTIONS,
  run: async (args, context) => {
    const { services, terminal } = context;
    const request = analyzeRequest(args, args.positionals[0] ?? "");
    const patience = durationOf(args, "timeout");
    const json = args.text("json");
    await checkOutputs({ text: json });
    const line = progressLine(terminal, args.flag("quiet"));
    let found: Plan;
    try {
      found = await withTimeout(patience, context, (signal) => services.plan(request, { progress: line.report, signal }));
    } finally {
      line.end();
    }
    if (json !== undefined && json !== "-") await writeText(json, toJson(found));
    terminal.out(json === "-" ? toJson(found) : planText(found, styleOf(terminal.outColour)));
    if (found.chosen === null) throw refusalOf(found, request);
    return 0;
  },
};
