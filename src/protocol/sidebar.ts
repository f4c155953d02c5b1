import type { LensView } from "./lens.ts";

/** Messages from the host to the sidebar's chart: the last run, null before the first. */
export interface Sidebar {
  readonly requests: object;
  readonly events: {
    readonly view: LensView | null;
    readonly progress: { readonly runId: string; readonly fraction: number; readonly label: string };
  };
}

/** Messages from the sidebar to the host. */
export interface SidebarHost {
  readonly requests: {
    /** Starts "Analyze Jacobian" with its questions. */
    readonly analyse: { params: null; result: null };
    /** Opens the lens panel on a run. */
    readonly openPanel: { params: { readonly runId: string }; result: null };
  };
  readonly events: { readonly ready: null };
}
