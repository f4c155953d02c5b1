import type { Analysis, AnalysisContext } from "../analysis/context.ts";
import type { DoctorReport } from "../analysis/doctor.ts";
import type { ModelOperators, RuleFacts } from "../analysis/operators.ts";
import type { Plan } from "../analysis/plan/plan.ts";
import type { ProductRequest, ProductResult } from "../analysis/product.ts";
import type { AnalysisRequest } from "../analysis/request.ts";
import type { Tensor } from "../core/tensor.ts";
import type { ProviderName } from "../runtime/session.ts";

/** What the command line can have done: the pipeline, and the files it reads and writes. Tests give their own. */
export interface Services {
  readonly version: string;
  analyse(request: AnalysisRequest, context: AnalysisContext): Promise<Analysis>;
  plan(request: AnalysisRequest, context: AnalysisContext): Promise<Plan>;
  product(request: ProductRequest, context: AnalysisContext): Promise<ProductResult>;
  listRules(): Promise<readonly RuleFacts[]>;
  modelOperators(path: string): Promise<ModelOperators>;
  /** `providers` undefined: those of this platform. `deviceId`: for those that take one. */
  diagnose(providers: readonly ProviderName[] | undefined, deviceId: number | undefined, signal: AbortSignal): Promise<DoctorReport>;
  readArrays(path: string): Promise<Record<string, Tensor>>;
  readVector(path: string): Promise<Float64Array>;
  writeArray(path: string, tensor: Tensor): Promise<void>;
  writeArrays(path: string, tensors: Readonly<Record<string, Tensor>>): Promise<void>;
}

/** Where text goes. */
export interface Terminal {
  /** Standard output. */
  out(text: string): void;
  /** Standard error. */
  error(text: string): void;
  /** Whether standard output shows colours. */
  readonly outColour: boolean;
  /** Whether standard error is a terminal: colours, and a progress line that overwrites itself. */
  readonly errorLive: boolean;
}

/** Everything a command works with. */
export interface CommandContext {
  readonly services: Services;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Told in how many milliseconds the work's time is up, and null when it ended in time: who watches over this process then ends it. */
  readonly deadline?: (milliseconds: number | null) => void;
}
