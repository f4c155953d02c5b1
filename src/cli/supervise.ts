import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { COMPUTING_ENVIRONMENT } from "../core/computing-environment.ts";
import { cancelled, LensError } from "../core/errors.ts";
import { libraryRemedy } from "../core/library-failure.ts";
import { removeProfiles } from "../system/profiles.ts";
import { commands } from "./commands/index.ts";
import { EXIT_STATUSES, exitStatusOf } from "./exit-status.ts";
import { printError } from "./print/error.ts";
import { CLEAR_LINE } from "./print/progress.ts";
import type { Terminal } from "./services.ts";
import { timeoutError } from "./timeout.ts";

/** The hidden argument before the others of a process that another one of this program watches over. */
const SUPERVISED = "--supervised";

/** Milliseconds that work may take to end by itself once it was asked to. */
const GRACE = 150;

/** What the process that computes says: in how many milliseconds its time is up, or null when it is done in time. */
interface Note {
  readonly deadline: number | null;
}

/** Whether a command line is to be run under supervision: native code may hold its thread for minutes, deaf to Ctrl-C and to its own time-out. */
export const needsSupervision = ([name, ...rest]: readonly string[]): boolean =>
  commands.some((command) => command.name === name && command.computes === true) && !rest.includes("--help") && !rest.includes("-h");

/** The command line without the hidden argument, and whether it was there. */
export const supervisedArguments = (argv: readonly string[]): { readonly supervised: boolean; readonly argv: readonly string[] } =>
  argv[0] === SUPERVISED ? { supervised: true, argv: argv.slice(1) } : { supervised: false, argv };

/** With which status the system's loader ends a process that lacks a symbol of a library. */
const LOADER_FAILED = 127;

const LESS = "Take fewer samples (--samples), allow less memory (--memory), or try --provider cpu.";

/** The process ended with a status that is none of this program's: native code ended it, not the command line. */
const endedWith = (status: number): LensError =>
  new LensError("RUNTIME_CRASH", `the process that computed ended with status ${status}; what it wrote stands above`, status === LOADER_FAILED ? libraryRemedy("", process.env) : LESS);

const crashed = (signal: string): LensError => {
  const memory = signal === "SIGKILL" || signal === "SIGABRT" ? ", perhaps for memory" : "";
  return new LensError("RUNTIME_CRASH", `the process that computed ended by signal ${signal}${memory}; what it wrote stands above`, LESS);
};

const notStarted = (error: Error): LensError =>
  new LensError("RUNTIME_START", `the process that computes could not be started: ${error.message}`, "The machine may be short of memory or processes: run it again.", { cause: error });

const start = (entry: string, argv: readonly string[]): ChildProcess =>
  spawn(process.execPath, [...process.execArgv.filter((option) => !option.startsWith("--inspect")), entry, SUPERVISED, ...argv], {
    stdio: ["inherit", "inherit", "inherit", "ipc", "pipe"],
    env: { ...COMPUTING_ENVIRONMENT, ...process.env },
    windowsHide: true,
  });

/**
 * Ends a process that does not end by itself after Ctrl-C, SIGTERM or a deadline it announced, and tells `killed` why. The returned functions:
 * whether it was asked to end, and to stop watching.
 */
const watchOver = (child: ChildProcess, killed: (why: LensError) => void): { readonly asked: () => boolean; readonly stop: () => void } => {
  let [asked, interrupt, late]: [boolean, NodeJS.Timeout | undefined, NodeJS.Timeout | undefined] = [false, undefined, undefined];
  const kill = (why: LensError): void => {
    child.kill("SIGKILL");
    killed(why);
  };
  const onSignal = (): void => {
    if (asked) kill(cancelled());
    asked = true;
    if (child.connected) child.send("stop");
    interrupt = setTimeout(kill, GRACE, cancelled());
  };
  child.on("message", ({ deadline }: Note) => {
    clearTimeout(late);
    if (deadline !== null) late = setTimeout(kill, deadline + GRACE, timeoutError(deadline));
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onSignal);
  const stop = (): void => {
    clearTimeout(interrupt);
    clearTimeout(late);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, onSignal);
  };
  return { asked: () => asked, stop };
};

/** A killed process may take a while to give its memory back; nothing is left to wait for. */
const letGo = (child: ChildProcess): void => {
  child.unref();
  if (child.connected) child.disconnect();
  child.stdio[4]?.destroy();
};

/**
 * Runs the command line in a process of its own, with this one's terminal, and gives its exit status. Ctrl-C and --timeout end it within 0.3 s
 * even while native code holds it; it ends with this process, however that ends (src/worker/lifeline.ts). Cost: the start of one Node, 40 ms.
 */
export const supervise = async (entry: string, argv: readonly string[], terminal: Terminal): Promise<number> => {
  const child = start(entry, argv);
  child.stdio[4]?.on("error", () => undefined);
  const ended = await new Promise<number | LensError>((resolve) => {
    const watch = watchOver(child, resolve);
    child.once("error", (error) => {
      watch.stop();
      resolve(notStarted(error));
    });
    child.once("exit", (code, signal) => {
      watch.stop();
      if (code === null) resolve(watch.asked() ? cancelled() : crashed(signal ?? ""));
      else resolve(EXIT_STATUSES.some((own) => own === code) ? code : endedWith(code));
    });
  });
  letGo(child);
  await removeProfiles(child.pid);
  if (typeof ended === "number") return ended;
  if (terminal.errorLive) terminal.error(CLEAR_LINE);
  printError(ended, terminal, false);
  return exitStatusOf(ended.code);
};

/** Starts the thread that ends this process when the one that gave it descriptor 4 has ended, while native code holds the main thread. */
export const holdLifeline = (): void => {
  const thread = new Worker(path.join(__dirname, "lifeline.cjs"));
  thread.on("error", (error) => { console.error(`The lifeline could not be held: ${error.message}`); });
  thread.unref();
};

/** The supervised side: keeps the lifeline, hears the request to stop, and returns how to announce a deadline. */
export const underSupervision = (stop: () => void): ((deadline: number | null) => void) => {
  holdLifeline();
  process.on("message", stop);
  process.channel?.unref();
  return (deadline) => {
    const note: Note = { deadline };
    if (process.connected) process.send?.(note);
  };
};
