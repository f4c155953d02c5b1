import { LIFELINE_VARIABLE, PROBE_ARGUMENT } from "../analysis/doctor.ts";
import { LensError } from "../core/errors.ts";
import { exitStatusOf } from "./exit-status.ts";
import { nodeServices } from "./node-services.ts";
import { printError } from "./print/error.ts";
import { run } from "./run.ts";
import type { Terminal } from "./services.ts";
import { holdLifeline, needsSupervision, supervise, supervisedArguments, underSupervision } from "./supervise.ts";

const wantsColour = (stream: NodeJS.WriteStream): boolean => stream.isTTY && process.env.NO_COLOR === undefined && process.env.TERM !== "dumb";

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  outColour: wantsColour(process.stdout),
  errorLive: wantsColour(process.stderr),
};

/** Ctrl-C asks the work to end; a second one ends the process. */
const interruptible = (): AbortController => {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller;
};

/** What a stream says when its reader has gone. */
const CLOSED: ReadonlySet<string | undefined> = new Set(["EPIPE", "EOF", "ERR_STREAM_DESTROYED"]);

/**
 * A reader that has seen enough (| head) closes the pipe. That is not an error of ours, and the work goes on: there may be files to write. Where
 * standard output cannot be written for another reason that is said, and where standard error cannot there is nowhere left to say it.
 */
const outliveReaders = (): void => {
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (CLOSED.has(error.code)) return;
    printError(new LensError("WRITE_FAILED", `standard output could not be written: ${error.message}`, "Make room where it is redirected to.", { cause: error }), terminal, false);
    process.exit(exitStatusOf("WRITE_FAILED"));
  });
};

const main = async (): Promise<void> => {
  outliveReaders();
  const [first, provider = "", device] = process.argv.slice(2);
  if (first === PROBE_ARGUMENT) {
    if (process.env[LIFELINE_VARIABLE] !== undefined) holdLifeline();
    return (await import("../analysis/probe.ts")).answerProbe(provider, device);
  }
  const entry = process.argv[1] ?? "";
  const { supervised, argv } = supervisedArguments(process.argv.slice(2));
  if (!supervised && needsSupervision(argv)) {
    process.exitCode = await supervise(entry, argv, terminal);
    return;
  }
  const controller = interruptible();
  const { signal } = controller;
  const deadline = supervised ? { deadline: underSupervision(() => { controller.abort(); }) } : {};
  process.exitCode = await run(argv, { services: nodeServices(entry), terminal, signal, ...deadline });
};

void main();
