import type { ProviderName } from "../../runtime/session.ts";
import { LensError } from "../../core/errors.ts";
import { choiceOf, deviceOf } from "../arguments/values.ts";
import { checkOutputs, writeText } from "../output-files.ts";
import { doctorText } from "../print/doctor.ts";
import { toJson } from "../print/json.ts";
import { styleOf } from "../print/style.ts";
import type { Command } from "./command.ts";

const PROVIDERS: readonly ProviderName[] = ["cpu", "cuda", "webgpu", "dml", "coreml"];

/** `doctor`: which providers work here and why the others do not, GPU and libraries; status 0 when the asked one (default cpu) works, else 4. */
export const doctor: Command = {
  name: "doctor",
  positionals: [],
  usage: "[--provider NAME] [--device N] [--json FILE]",
  summary: "providers: tried, usable, why not; versions; GPU",
  options: ["provider", "device", "json"],
  run: async (args, { services, terminal, signal }) => {
    const asked = choiceOf(args, "provider", PROVIDERS);
    const json = args.text("json");
    await checkOutputs({ text: json });
    // The CPU provider is tried always: it tells the version, and whether ONNX Runtime is there at all.
    const report = await services.diagnose(asked === undefined ? undefined : [...new Set<ProviderName>(["cpu", asked])], deviceOf(args, "device"), signal);
    const wanted = asked ?? "cpu";
    const found = report.providers.find(({ provider }) => provider === wanted);
    const data = { tool: { name: "jacobian-lens", version: services.version }, ...report };
    if (json !== undefined && json !== "-") await writeText(json, toJson(data));
    terminal.out(json === "-" ? toJson(data) : doctorText(report, services.version, styleOf(terminal.outColour)));
    if (found?.usable === true) return 0;
    const reason = found?.reason ?? "not tried";
    throw new LensError("RUNTIME_PROVIDER", `${wanted} cannot be used on this machine: ${reason}`, found?.remedy ?? "Analyze with a provider that is usable.");
  },
};
