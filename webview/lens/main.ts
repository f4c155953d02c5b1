import "./lens.css";
import type { LensHost, LensPanel, LensView } from "../../src/protocol/lens.ts";
import { connect } from "../shared/channel.ts";
import { registerControls } from "../shared/controls.ts";
import { resting } from "../shared/resting.ts";
import { makeToast } from "../shared/toast.ts";
import { keptFrom, startingCutoff, type Kept } from "./kept.ts";
import { resultPage, type ResultActions } from "./result-page.ts";
import type { Section } from "./sections/section.ts";
import { failedPage, runningPage, waitingPage, type RunningPage } from "./status-page.ts";

/** Milliseconds a cut-off rests before the host is told to keep it. */
const REST = 300;

registerControls();

const page = connect<LensPanel, LensHost>({
  requests: {},
  events: {
    view: (view) => { show(view); },
    progress: ({ runId, fraction, label }) => { if (running?.runId === runId) running.page.progress(fraction, label); },
  },
});

const root = document.getElementById("root") ?? document.body.appendChild(document.createElement("main"));
root.dataset.testid = "lens";

let section: Section | null = null;
let running: { readonly runId: string; readonly page: RunningPage } | null = null;
let kept: Kept | null = keptFrom(page.kept);
const rest = resting(REST);

const toast = makeToast();

const follow = (request: Promise<unknown>, done?: string): void => { toast.follow(request, done); };

const actionsFor = (runId: string): ResultActions => ({
  openModel: () => { follow(page.host.request("openModel", { runId })); },
  openData: () => { follow(page.host.request("openData", { runId })); },
  openJson: () => { follow(page.host.request("openResultJson", { runId })); },
  exportJson: () => { follow(page.host.request("exportJson", { runId })); },
  again: () => { follow(page.host.request("analyseAgain", { runId })); },
  copy: (text) => { follow(page.host.request("copyTable", { text }), "Copied to the clipboard."); },
  cutoffChanged: (cutoff) => {
    keep({ runId, cutoff });
    rest.later(() => { follow(page.host.request("setCutoff", { runId, rank: cutoff.rank })); });
  },
});

const keep = (state: Kept): void => {
  kept = state;
  page.keep(state);
};

const sectionFor = (view: LensView): Section => {
  const { runId } = view;
  switch (view.state) {
    case "running": {
      const made = runningPage(view, () => { follow(page.host.request("cancel", { runId })); });
      running = { runId, page: made };
      return made;
    }
    case "failed":
      return failedPage(view, { again: actionsFor(runId).again, log: () => { follow(page.host.request("openLog", null)); } });
    case "done": {
      const start = startingCutoff(view.singularValues, runId, view.cutoff, kept);
      const actions = actionsFor(runId);
      // The page may have gone before it could tell the host where the cut-off was left.
      if (start.rank === view.cutoff.rank) keep({ runId, cutoff: start });
      else actions.cutoffChanged(start);
      return resultPage(view, start, actions);
    }
  }
};

const replace = (next: Section, state: string): void => {
  section?.dispose?.();
  section = next;
  root.dataset.state = state;
  root.replaceChildren(next.element, toast.element);
};

const show = (view: LensView): void => {
  running = null;
  rest.now();
  if (view.state !== "done") keep({ runId: view.runId });
  replace(sectionFor(view), view.state);
};

// VS Code removes a page that is hidden, and the keyboard leaves it before that.
window.addEventListener("blur", () => { rest.now(); });
window.addEventListener("pagehide", () => { rest.now(); });

replace(waitingPage(), "waiting");
page.host.emit("ready", null);
