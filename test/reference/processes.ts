import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** As ps writes it; "Z…" is a zombie. */
  readonly state: string;
  /** The process title, or the command line. */
  readonly title: string;
}

/** All processes of this machine, except the one that lists them. */
export const processes = async (): Promise<readonly RunningProcess[]> => {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { maxBuffer: 1 << 26 });
  return stdout.split("\n").flatMap((line) => {
    const [, pid = "", parent = "", state = "", title = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s*(.*)$/.exec(line) ?? [];
    return pid === "" ? [] : [{ pid: Number(pid), parent: Number(parent), state, title }];
  });
};

/** Whether there is a process of this id that is no zombie. */
export const isRunning = async (pid: number): Promise<boolean> => (await processes()).some((each) => each.pid === pid && !each.state.startsWith("Z"));

/** Milliseconds until the process is gone. @throws Error when it is still there after `most`. */
export const untilGone = async (pid: number, most = 5000): Promise<number> => {
  const begun = performance.now();
  while (await isRunning(pid)) {
    if (performance.now() - begun > most) throw new Error(`process ${pid} still runs after ${most} ms`);
    await new Promise((later) => setTimeout(later, 10));
  }
  return performance.now() - begun;
};
