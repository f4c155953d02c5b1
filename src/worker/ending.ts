import { LensError } from "../core/errors.ts";
import { failsToLoad, libraryRemedy } from "../core/library-failure.ts";

/** How a worker process ended, as far as its parent knows. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines it wrote, oldest first. */
  readonly tail: readonly string[];
  /** Bytes of memory it held when last heard of; null when it was not. */
  readonly held: number | null;
  /** Bytes of memory of the machine. */
  readonly machine: number;
  /** Its environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Lines of a message at most. */
const SHOWN = 12;

/** What V8, C++ and ONNX Runtime write before they give up for want of memory. */
const MEMORY = /heap out of memory|std::bad_alloc|allocation failed|failed to allocate memory|cannot allocate memory|out of memory|ENOMEM/i;

/** Lines of a native or JavaScript stack, and V8's account of its garbage collections: they say nothing to a user. */
const NOISE = /^\s*(?:at |\d+: 0x|<-+|-+$|\[\d+:0x|$)/;

const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);

const LESS = "Analyze fewer samples or fewer parameters, or lower the memory setting (--memory on the command line).";

/** The lines that tell most: the last ones without stacks, and before them those that name a want of memory. */
const telling = (tail: readonly string[]): readonly string[] => {
  const lines = tail.filter((line) => !NOISE.test(line));
  const last = lines.slice(-SHOWN);
  return [...lines.slice(0, -SHOWN).filter((line) => MEMORY.test(line)).slice(-2), ...last].slice(-SHOWN);
};

/**
 * The error of a request whose worker ended before it answered. WORKER_MEMORY and RUNTIME_MISSING where its own words say so; a kill from outside without words
 * is called what it is, with what the process held: the system's guard against running out of memory leaves no other trace.
 */
export const endedError = ({ code, signal, tail, held, machine, environment }: Ending): LensError => {
  const how = signal ? `by signal ${signal}` : `with exit status ${String(code)}`;
  const holding = held === null ? "" : ` It held ${gibibytes(held)} of this machine's ${gibibytes(machine)} GiB of memory when last heard of.`;
  const lines = telling(tail);
  const said = lines.length > 0 ? ` Its last lines:\n${lines.join("\n")}` : "";
  if (tail.some((line) => MEMORY.test(line))) return new LensError("WORKER_MEMORY", `The worker process ran out of memory and ended ${how}.${holding}${said}`, LESS);
  if (signal === null && tail.some(failsToLoad)) return new LensError("RUNTIME_MISSING", `The worker process could not load ONNX Runtime and ended ${how}.${said}`, libraryRemedy(tail.join("\n"), environment));
  if (signal === "SIGKILL") {
    return new LensError("WORKER_CRASH", `The worker process was killed from outside, perhaps for memory: it ended ${how} before it answered.${holding}${said}`, `The next analysis starts a fresh worker. If the machine was short of memory: ${LESS[0]?.toLowerCase() ?? ""}${LESS.slice(1)}`);
  }
  return new LensError("WORKER_CRASH", `The worker process ended ${how} before it answered.${said}`, "The next analysis starts a fresh worker; the log has all this one wrote. If it happens again, try the cpu provider, or fewer samples.");
};

/** The error of a request whose worker showed no sign of life for `seconds`, while it did what `label` says. */
export const hungError = (seconds: number, label: string): LensError => {
  const doing = label === "" ? "" : ` while it was at "${label}"`;
  return new LensError(
    "WORKER_HANG",
    `The worker process showed no sign of life for ${seconds} s${doing}: no message, no processor time, nothing read or written.`,
    "It was ended; the next analysis starts a fresh one. Try another provider. If it was only waiting for a slow disk or device, raise jacobianLens.worker.patience.",
  );
};
