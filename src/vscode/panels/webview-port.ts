import type * as vscode from "vscode";
import type { Port } from "../../protocol/channel.ts";

/** A port to a page. A page that is hidden or gone drops messages: it asks again with "ready" when it is made anew. */
export const webviewPort = (webview: vscode.Webview): Port => ({
  post: (message) => { void webview.postMessage(message); },
  onMessage: (listener) => {
    const subscription = webview.onDidReceiveMessage(listener);
    return () => { subscription.dispose(); };
  },
});
