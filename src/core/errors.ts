/**
 * The one error class of the program. `code` is stable and documented, `message` names what is wrong and where (file, node, axis),
 * `hint` says what the user can do. It crosses process boundaries as a plain `WireError` and comes back as itself.
 */
export class LensError extends Error {
  override readonly name = "LensError";
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** What an error is on a wire: plain data, nothing lost that a user reads. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly stack?: string;
}

/** The code of an analysis that the user stopped. Cancelling is not an error: front ends say nothing, or exit with 130. */
export const CANCELLED = "CANCELLED";

export const cancelled = (): LensError => new LensError(CANCELLED, "The analysis was cancelled.", "Run it again when you want the result.");

export const isCancelled = (error: unknown): boolean =>
  (error instanceof LensError && error.code === CANCELLED) || (error instanceof Error && error.name === "AbortError");

/** Throws the cancellation as an error when `signal` was aborted; called between pieces of work. */
export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw cancelled();
};

/** JavaScript's own words where an array cannot be had: too large for the machine, or for the language. */
const NO_ROOM = /array buffer allocation failed|invalid typed array length: \d{9,}/i;

/** Any thrown value as a LensError; what is not ours becomes MEMORY where an array could not be had, else INTERNAL, with its own message kept. */
export const toLensError = (error: unknown): LensError => {
  if (error instanceof LensError) return error;
  if (isCancelled(error)) return cancelled();
  if (error instanceof RangeError && NO_ROOM.test(error.message)) {
    return new LensError("MEMORY", `The machine has no room for another array (${error.message}).`, "Take fewer samples or fewer parameters, or set a limit with --memory (in VS Code: the memory setting), within which the analysis is planned.", { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new LensError("INTERNAL", message, "This is a defect of Jacobian Lens: please report it with the steps that led here (--debug prints where it happened).", { cause: error });
};

export const toWire = (error: unknown): WireError => {
  const { code, message, hint, stack, cause } = toLensError(error);
  const origin = cause instanceof Error ? cause.stack : stack;
  return { code, message, hint, ...(origin === undefined ? {} : { stack: origin }) };
};

export const fromWire = (wire: WireError): LensError => {
  const error = new LensError(wire.code, wire.message, wire.hint);
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
};
