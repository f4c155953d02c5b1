import "./sidebar.css";
import type { LensView } from "../../src/protocol/lens.ts";
import type { Sidebar, SidebarHost } from "../../src/protocol/sidebar.ts";
import { connect } from "../shared/channel.ts";
import { registerControls } from "../shared/controls.ts";
import { makeToast } from "../shared/toast.ts";
import { emptyPage, failedSidebar, resultSidebar, runningSidebar, type SidebarActions, type SidebarPage } from "./pages.ts";

registerControls();

const page = connect<Sidebar, SidebarHost>({
  requests: {},
  events: {
    view: (view) => { show(view); },
    progress: ({ runId, fraction, label }) => { if (shown?.runId === runId) shown.page.progress?.(fraction, label); },
  },
});

const root = document.getElementById("root") ?? document.body.appendChild(document.createElement("main"));
root.dataset.testid = "sidebar";

const toast = makeToast();
let shown: { readonly runId: string | null; readonly page: SidebarPage } | null = null;

const actions: SidebarActions = {
  analyse: () => { toast.follow(page.host.request("analyse", null)); },
  openPanel: (runId) => { toast.follow(page.host.request("openPanel", { runId })); },
};

const pageFor = (view: LensView | null): SidebarPage => {
  switch (view?.state) {
    case undefined: return emptyPage(actions);
    case "running": return runningSidebar(view, actions);
    case "failed": return failedSidebar(view, actions);
    case "done": return resultSidebar(view, actions);
  }
};

const show = (view: LensView | null): void => {
  shown?.page.dispose?.();
  shown = { runId: view?.runId ?? null, page: pageFor(view) };
  root.dataset.state = view?.state ?? "empty";
  root.replaceChildren(shown.page.element, toast.element);
};

page.host.emit("ready", null);
