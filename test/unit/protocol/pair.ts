import type { Port } from "../../../src/protocol/channel.ts";

/** Two ports joined end to end; messages are cloned and arrive later, as over a process boundary. */
export const pair = (): { readonly left: Port; readonly right: Port; readonly sent: unknown[] } => {
  const listeners: Record<"left" | "right", Set<(message: unknown) => void>> = { left: new Set(), right: new Set() };
  const sent: unknown[] = [];
  const port = (here: "left" | "right", there: "left" | "right"): Port => ({
    post: (message) => {
      const copy: unknown = structuredClone(message);
      sent.push(copy);
      setImmediate(() => { for (const listener of listeners[there]) listener(copy); });
    },
    onMessage: (listener) => {
      listeners[here].add(listener);
      return () => listeners[here].delete(listener);
    },
  });
  return { left: port("left", "right"), right: port("right", "left"), sent };
};
