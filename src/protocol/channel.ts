import { cancelled, fromWire, LensError, toWire, type WireError } from "../core/errors.ts";

/** What one side of a conversation answers and hears; contracts are written as such interfaces of plain data. */
export interface Side {
  readonly requests: object;
  readonly events: object;
}

type Request<S extends Side, K extends keyof S["requests"]> = S["requests"][K] extends { params: infer P; result: infer R } ? { params: P; result: R } : never;

/** How a side answers its requests and hears its events. `signal` is aborted when the asker cancels or the channel closes. */
export interface Handlers<S extends Side> {
  readonly requests: { readonly [K in keyof S["requests"]]: (params: Request<S, K>["params"], signal: AbortSignal) => Promise<Request<S, K>["result"]> };
  readonly events: { readonly [K in keyof S["events"]]: (value: S["events"][K]) => void };
}

/** Anything that carries structured-cloneable messages both ways: a child process, a webview, a pair in a test. */
export interface Port {
  post(message: unknown): void;
  /** Starts listening; the returned function stops. */
  onMessage(listener: (message: unknown) => void): () => void;
}

type Message =
  | { readonly kind: "request"; readonly id: number; readonly name: string; readonly value: unknown }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: WireError }
  | { readonly kind: "event"; readonly name: string; readonly value: unknown };

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: LensError) => void;
}

const isMessage = (value: unknown): value is Message => typeof value === "object" && value !== null && "kind" in value;

/** The function `table` itself holds under `name`; names from the other side never reach a prototype. */
const own = (table: object, name: string): ((value: unknown, signal?: AbortSignal) => unknown) | undefined => {
  const found: unknown = Object.hasOwn(table, name) ? Reflect.get(table, name) : undefined;
  return typeof found === "function" ? (value, signal) => found.call(table, value, signal) as unknown : undefined;
};

/**
 * One end of a typed conversation; `Here` is this side's contract, `There` the other's. Every request is answered exactly once: with the
 * handler's result, with the error it threw, or with the reason given to `close`. Errors arrive as the LensError they were.
 */
export class Channel<Here extends Side, There extends Side> {
  private readonly waiting = new Map<number, Waiting>();
  private readonly running = new Map<number, AbortController>();
  private readonly stop: () => void;
  private closed: LensError | null = null;
  private lastId = 0;

  constructor(private readonly port: Port, private readonly handlers: Handlers<Here>) {
    this.stop = port.onMessage((message) => { if (isMessage(message)) this.receive(message); });
  }

  /**
   * Asks the other side. Aborting `signal` asks it to stop and still waits for its one answer (normally CANCELLED), so nothing is left
   * running unseen; who cannot wait closes the channel. @throws LensError the other side's, or the reason the channel was closed for.
   */
  request<K extends keyof There["requests"] & string>(name: K, params: Request<There, K>["params"], signal?: AbortSignal): Promise<Request<There, K>["result"]> {
    if (this.closed) return Promise.reject(this.closed);
    if (signal?.aborted) return Promise.reject(cancelled());
    const id = ++this.lastId;
    const cancel = (): void => { this.post({ kind: "cancel", id }); };
    return new Promise<Request<There, K>["result"]>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      signal?.addEventListener("abort", cancel, { once: true });
      const failure = this.post({ kind: "request", id, name, value: params });
      if (failure) this.settle(id, (asker) => { asker.reject(failure); });
    }).finally(() => { signal?.removeEventListener("abort", cancel); });
  }

  /** Tells the other side something; nothing comes back, and after `close` nothing is sent. */
  emit<K extends keyof There["events"] & string>(name: K, value: There["events"][K]): void {
    this.post({ kind: "event", name, value });
  }

  /** Ends the conversation: what waits is rejected with `reason`, what runs for the other side is aborted. A second call does nothing. */
  close(reason: LensError): void {
    if (this.closed) return;
    this.closed = reason;
    this.stop();
    for (const id of [...this.waiting.keys()]) this.settle(id, (asker) => { asker.reject(reason); });
    for (const controller of this.running.values()) controller.abort();
    this.running.clear();
  }

  /** Sends; returns what went wrong (a closed pipe, a value that cannot be cloned) instead of throwing it. */
  private post(message: Message): LensError | null {
    if (this.closed) return this.closed;
    try {
      this.port.post(message);
      return null;
    } catch (error) {
      return fromWire(toWire(error));
    }
  }

  private settle(id: number, how: (asker: Waiting) => void): void {
    const asker = this.waiting.get(id);
    this.waiting.delete(id);
    if (asker) how(asker);
  }

  private receive(message: Message): void {
    switch (message.kind) {
      case "request": void this.answer(message.id, message.name, message.value); break;
      case "cancel": this.running.get(message.id)?.abort(); break;
      case "result": this.settle(message.id, (asker) => { asker.resolve(message.value as never); }); break;
      case "error": this.settle(message.id, (asker) => { asker.reject(fromWire(message.error)); }); break;
      case "event": own(this.handlers.events, message.name)?.(message.value); break;
    }
  }

  private async answer(id: number, name: string, params: unknown): Promise<void> {
    const controller = new AbortController();
    this.running.set(id, controller);
    try {
      const handler = own(this.handlers.requests, name);
      if (!handler) throw new LensError("PROTOCOL_REQUEST", `The other side does not answer "${name}".`, "Reload the window: two versions of the extension are talking to each other.");
      const failure = this.post({ kind: "result", id, value: await handler(params, controller.signal) });
      if (failure) throw failure;
    } catch (error) {
      this.post({ kind: "error", id, error: toWire(error) });
    } finally {
      this.running.delete(id);
    }
  }
}
