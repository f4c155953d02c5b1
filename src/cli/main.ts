import { PROBE_ARGUMENT } from "../analysis/doctor.ts";
import { nodeServices } from "./node-services.ts";
import { run } from "./run.ts";
import type { Terminal } from "./services.ts";

/** How long a cancelled analysis may take to end by itself, in milliseconds. */
const GRACE = 2000;

const wantsColour = (stream: NodeJS.WriteStream): boolean => stream.isTTY && process.env.NO_COLOR === undefined && process.env.TERM !== "dumb";

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  outColour: wantsColour(process.stdout),
  errorLive: wantsColour(process.stderr),
};

/** Ctrl-C asks the work to end; a second one, or two seconds, ends the process. */
const interruptible = (): AbortSignal => {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    setTimeout(() => process.exit(130), GRACE).unref();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
};

const main = async (): Promise<void> => {
  const [first, provider = "", device] = process.argv.slice(2);
  if (first === PROBE_ARGUMENT) return (await import("../analysis/probe.ts")).answerProbe(provider, device);
  // A reader that has seen enough (| head) closes the pipe; that is not an error of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 4));
  process.exitCode = await run(process.argv.slice(2), { services: nodeServices(process.argv[1] ?? ""), terminal, signal: interruptible() });
};

void main();
