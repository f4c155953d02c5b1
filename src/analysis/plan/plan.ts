import type { DeviceUse } from "../device-use.ts";
import type { MethodName } from "../request.ts";

/** What one WebAssembly memory can hold, whatever memory is allowed. */
export const ARENA_LIMIT = 2 ** 32;

/** A part of the memory that a method needs, in bytes. */
export interface MemoryPart {
  readonly what: string;
  readonly bytes: number;
  /** It grows with this power of the number of samples. */
  readonly power: 0 | 1 | 2;
}

/** What one method would cost and give on a request. Plain JSON data. */
export interface MethodPlan {
  readonly method: MethodName;
  /** FLOPs in all; null where the method cannot be used and was not counted. */
  readonly flops: number | null;
  /** The most bytes resident in the process at once, and what they are; null where not counted. */
  readonly memory: number | null;
  /** About the most bytes that its graphs hold on the device at once, beside those; null where they are in the process or not counted, absent in plans of earlier versions. */
  readonly device?: number | null;
  readonly parts: readonly MemoryPart[];
  /** What the eigenvalues hold in one WebAssembly memory, which has `ARENA_LIMIT` bytes at most; null where there are none or they were not counted, absent in plans of earlier versions. */
  readonly arena?: readonly MemoryPart[] | null;
  /** Seconds, estimated from the throughput measured; null where not counted. */
  readonly seconds: number | null;
  /** What it would return, in words. */
  readonly returns: string;
  readonly fits: boolean;
  /** Why it does not; null where it does. */
  readonly why: string | null;
}

/** What an analysis would do, before it starts. Plain JSON data. */
export interface Plan {
  readonly samples: number;
  readonly outputs: number;
  /** Entries of the chosen parameters. */
  readonly parameters: number;
  readonly provider: string;
  /** The device's memory and the batches sized by it; null on the CPU and where the device does not tell, absent in plans of earlier versions. */
  readonly deviceMemory?: DeviceUse | null;
  /** Bytes that the process may take, by request. */
  readonly limit: number;
  /** Bytes resident in the process when the plan was made, model and data read. */
  readonly base: number;
  readonly methods: readonly MethodPlan[];
  /** The method that is used; null where none fits. */
  readonly chosen: MethodName | null;
  /** Why that one, or why none. */
  readonly because: string;
  /** What to change where none fits, in the order of what changes the result least. */
  readonly advice: readonly string[];
  /** Parameters that stand before an operator without a derivative rule. */
  readonly withoutRule: readonly { readonly parameter: string; readonly operator: string; readonly node: string }[];
  /** FLOPs and bytes a second, as measured on this machine. */
  readonly throughput: { readonly single: number; readonly double: number; readonly moved: number; readonly eigen: number };
}

/** The plan of the method that is used. */
export const chosenPlan = ({ methods, chosen }: Plan): MethodPlan | undefined => methods.find(({ method }) => method === chosen);

/** Bytes as people read them: 1.5 GiB, 320 MiB. */
export const shownBytes = (bytes: number): string => (bytes >= 2 ** 30 ? `${Number((bytes / 2 ** 30).toPrecision(3))} GiB` : `${Math.max(1, Math.round(bytes / 2 ** 20))} MiB`);
