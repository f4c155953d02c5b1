import type { DoctorReport, ProviderReport } from "../../src/analysis/doctor.ts";
import type { ProviderName } from "../../src/runtime/session.ts";
import { jacobianLens } from "../reference/command-line.ts";

/** The providers that are held against PyTorch wherever they run. */
export const PROVIDERS: readonly ProviderName[] = ["webgpu", "cuda"];

/** Those that whoever started these tests promised to be usable ("webgpu cuda"): they are then not allowed to be refused. */
export const PROMISED: ReadonlySet<string> = new Set((process.env.PROVIDERS_PROMISED ?? "").split(/\s+/).filter((name) => name !== ""));

/** What `doctor` says of a provider here. */
export const reportOf = async (provider: ProviderName): Promise<ProviderReport> => {
  const { stdout, stderr } = await jacobianLens("doctor", "--provider", provider, "--json", "-");
  const found = stdout === "" ? undefined : (JSON.parse(stdout) as DoctorReport).providers.find((report) => report.provider === provider);
  if (!found) throw new Error(`doctor says nothing of ${provider}: ${stderr}`);
  return found;
};
