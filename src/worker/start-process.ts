import { fork, type ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import { COMPUTING_ENVIRONMENT } from "../core/computing-environment.ts";
import { LIFELINE } from "../protocol/beat.ts";

export interface StartedProcess {
  readonly child: ChildProcess;
  /** This end of the child's lifeline; null when the process could not be started. The child ends when it closes. */
  readonly lifeline: Duplex | null;
}

/** A process title on Linux has only the room of the command line that it replaces. */
const ROOM_FOR_TITLE = "worker of Jacobian Lens".padEnd(160);

/**
 * Starts a script as a child with a message channel (v8-serialised) and a lifeline. VS Code's own executable is Electron: ELECTRON_RUN_AS_NODE
 * makes it behave as Node. Debugger flags of the parent are not passed on.
 */
export const startProcess = (script: string, environment: Readonly<Record<string, string>> = {}): StartedProcess => {
  const child = fork(script, [ROOM_FOR_TITLE], {
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
    execArgv: [],
    env: { ...COMPUTING_ENVIRONMENT, ...process.env, ...("electron" in process.versions ? { ELECTRON_RUN_AS_NODE: "1" } : {}), ...environment },
  });
  const line = child.stdio[LIFELINE.fd] ?? null;
  // The pipe breaks when the child ends; that is heard of as the child's end.
  line?.on("error", () => undefined);
  return { child, lifeline: line as Duplex | null };
};
