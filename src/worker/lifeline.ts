import { Socket } from "node:net";
import { LIFELINE, writeBeat } from "../protocol/beat.ts";

/**
 * The thread of a computing process that holds its lifeline (a bundle of its own, dist/lifeline.cjs). While native code holds the main thread
 * this one still runs: it says every second that the process lives, and ends it when the other end of the line is gone, however that came about.
 */

/** Milliseconds that the main thread has to end by itself, if it is free to. */
const GRACE = 200;

const line = new Socket({ fd: LIFELINE.fd, readable: true, writable: true });

const end = (): void => {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), GRACE);
};

line.on("close", end);
line.on("end", () => { line.destroy(); });
// An error is followed by "close".
line.on("error", () => undefined);
line.resume();

const beat = (): void => {
  const { userCPUTime, systemCPUTime, fsRead, fsWrite, majorPageFault } = process.resourceUsage();
  if (!line.destroyed) line.write(writeBeat({ cpu: userCPUTime + systemCPUTime, io: fsRead + fsWrite + majorPageFault, rss: process.memoryUsage.rss() }));
};

beat();
setInterval(beat, LIFELINE.interval);
