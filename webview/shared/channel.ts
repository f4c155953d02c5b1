import { Channel, type Handlers, type Side } from "../../src/protocol/channel.ts";

/** What VS Code gives a page: the way to its extension, and a state that outlives the page. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare const acquireVsCodeApi: () => VsCodeApi;

/** The page's end of the conversation with the extension, and its kept state. */
export interface Page<Here extends Side, There extends Side> {
  readonly host: Channel<Here, There>;
  /** What the last page kept, of unknown shape: check before use. */
  readonly kept: unknown;
  keep(state: unknown): void;
}

/** Connects the page; to be called once, since VS Code hands out its interface once. */
export const connect = <Here extends Side, There extends Side>(handlers: Handlers<Here>): Page<Here, There> => {
  const api = acquireVsCodeApi();
  const host = new Channel<Here, There>({
    post: (message) => { api.postMessage(message); },
    onMessage: (listener) => {
      const heard = (event: MessageEvent<unknown>): void => { listener(event.data); };
      window.addEventListener("message", heard);
      return () => { window.removeEventListener("message", heard); };
    },
  }, handlers);
  return { host, kept: api.getState(), keep: (state) => { api.setState(state); } };
};
