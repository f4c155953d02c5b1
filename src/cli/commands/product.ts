import type { ProductRequest, ProductResult } from "../../analysis/product.ts";
import type { AnalysisRequest } from "../../analysis/request.ts";
import { LensError } from "../../core/errors.ts";
import { float64 } from "../../core/tensor.ts";
import { PRODUCT_OPTIONS } from "../arguments/options.ts";
import type { Arguments } from "../arguments/parse.ts";
import { commonRequest } from "../arguments/request.ts";
import { choiceOf, durationOf } from "../arguments/values.ts";
import { checkOutputs } from "../output-files.ts";
import { progressLine } from "../print/progress.ts";
import type { Services } from "../services.ts";
import { withTimeout } from "../timeout.ts";
import type { Command } from "./command.ts";

interface Wanted {
  readonly kind: "jvp" | "vjp";
  /** The file that holds the vector. */
  readonly vector: string;
  readonly out: string;
}

const wantedOf = (args: Arguments): Wanted => {
  const [jvp, vjp, out] = [args.text("jvp"), args.text("vjp"), args.text("out")];
  if (jvp !== undefined && vjp !== undefined) throw new LensError("USAGE_CONFLICT", "--jvp and --vjp: only one product can be asked for", "Run the command once for each.");
  const vector = jvp ?? vjp;
  if (vector === undefined) throw new LensError("USAGE_MISSING", "--jvp V.npz or --vjp U.npy: is missing", "Name the file with the vector to multiply by.");
  if (out === undefined) throw new LensError("USAGE_MISSING", "--out FILE: is missing", "Name the file for the product: .npy for --jvp, .npz for --vjp.");
  const [kind, extension] = jvp === undefined ? (["vjp", ".npz"] as const) : (["jvp", ".npy"] as const);
  if (!out.endsWith(extension)) throw new LensError("USAGE_VALUE", `--out ${out}: does not end in ${extension}`, `The product of --${kind} is written as ${extension}.`);
  return { kind, vector, out };
};

const requestOf = async (args: Arguments, { kind, vector }: Wanted, services: Services): Promise<ProductRequest> => {
  const method = choiceOf(args, "method", ["auto", "exact", "finite-difference"]);
  const common: AnalysisRequest = { ...commonRequest(args, args.positionals[0] ?? ""), ...(method === "finite-difference" ? { method } : {}) };
  return kind === "jvp" ? { ...common, direction: await services.readArrays(vector) } : { ...common, cotangent: await services.readVector(vector) };
};

const write = (services: Services, out: string, result: ProductResult): Promise<void> =>
  result.kind === "jvp" ? services.writeArray(out, float64([result.value.length], result.value)) : services.writeArrays(out, result.gradients);

/** `product MODEL --data FILE (--jvp V.npz --out JV.npy | --vjp U.npy --out JTU.npz)`: one Jacobian product. */
export const product: Command = {
  name: "product",
  computes: true,
  positionals: ["MODEL"],
  usage: "--data FILE (--jvp V.npz --out JV.npy | --vjp U.npy --out JTU.npz) [options]",
  summary: "one product J·v or Jᵀ·u with the Jacobian",
  options: PRODUCT_OPTIONS,
  run: async (args, context) => {
    const { services, terminal } = context;
    const wanted = wantedOf(args);
    const patience = durationOf(args, "timeout");
    await checkOutputs({ arrays: [wanted.out] });
    const request = await requestOf(args, wanted, services);
    const line = progressLine(terminal, args.flag("quiet"));
    let result: ProductResult;
    try {
      result = await withTimeout(patience, context, (until) => services.product(request, { progress: line.report, signal: until }));
    } finally {
      line.end();
    }
    await write(services, wanted.out, result);
    terminal.out(`${wanted.out}: ${result.kind === "jvp" ? `J·v, float64 [${result.value.length}]` : `Jᵀ·u, ${Object.keys(result.gradients).length} arrays`}\n`);
    return 0;
  },
};
