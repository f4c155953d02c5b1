import { LensError } from "../core/errors.ts";
import type { Port } from "../protocol/channel.ts";

/** The part of a process or child process that carries messages. */
interface Messenger {
  readonly connected: boolean;
  send?: (message: object, handle: undefined, options: undefined, done: (error: Error | null) => void) => boolean;
  on(event: "message", listener: (message: unknown) => void): unknown;
  off(event: "message", listener: (message: unknown) => void): unknown;
}

/**
 * A port over the message pipe between a process and its parent (forked with `serialization: "advanced"`).
 * A pipe that breaks while a message is under way says so by the other side's end, not here. @throws LensError WORKER_DISCONNECTED
 */
export const processPort = (messenger: Messenger): Port => ({
  post: (message) => {
    if (!messenger.connected || !messenger.send) {
      throw new LensError("WORKER_DISCONNECTED", "The worker process is no longer connected.", "Run the analysis again; the log says what ended it.");
    }
    messenger.send(message as object, undefined, undefined, () => undefined);
  },
  onMessage: (listener) => {
    messenger.on("message", listener);
    return () => { messenger.off("message", listener); };
  },
});
