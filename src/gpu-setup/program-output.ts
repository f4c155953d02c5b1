import { type ChildProcess, execFile } from "node:child_process";

export interface ProgramOptions {
  /** Milliseconds that it may take. */
  readonly patience: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a program said: its standard output where it ended with status 0, else null; "hangs" where it had not ended in time. */
export type ProgramOutput = { readonly text: string | null } | "hangs";

/** Ends a program without waiting: one that a driver holds in the kernel does not even heed SIGKILL, and a child of its own may keep its pipes open. */
const letGo = (child: ChildProcess): void => {
  child.kill("SIGKILL");
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
};

/** Runs a program, without a shell, until it ends, its time is up or `signal` is aborted; never longer, and never rejects. */
export const programOutput = (program: string, args: readonly string[], { patience, signal }: ProgramOptions): Promise<ProgramOutput> =>
  new Promise((resolve) => {
    if (signal?.aborted) {
      resolve({ text: null });
      return;
    }
    const child = execFile(program, args, { maxBuffer: 16 * 1024 * 1024, windowsHide: true, encoding: "utf8" }, (error, stdout) => { end({ text: error ? null : stdout }); });
    const stop = (): void => {
      letGo(child);
      end({ text: null });
    };
    const timer = setTimeout(() => {
      letGo(child);
      end("hangs");
    }, patience);
    const end = (output: ProgramOutput): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      resolve(output);
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
