import { isCancelled, toLensError } from "../../src/core/errors.ts";
import { h } from "./dom.ts";

/** Milliseconds a line stays. */
const STAYS = 3500;

/** A line at the foot of the page that says what has just happened, also to assistive technology, and goes away. */
export interface Toast {
  readonly element: HTMLElement;
  say(text: string): void;
  /** Says what went wrong with something asked of the host, and `done` when nothing did. Cancelling is not an error. */
  follow(request: Promise<unknown>, done?: string): void;
}

export const makeToast = (): Toast => {
  const element = h("div", { class: "toast", role: "status" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = (text: string): void => {
    clearTimeout(timer);
    element.textContent = text;
    element.classList.add("shown");
    timer = setTimeout(() => { element.classList.remove("shown"); }, STAYS);
  };
  return {
    element,
    say,
    follow: (request, done) => {
      request.then(() => { if (done !== undefined) say(done); }, (error: unknown) => { if (!isCancelled(error)) say(toLensError(error).message); });
    },
  };
};
