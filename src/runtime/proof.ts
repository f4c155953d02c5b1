import type { FallbackNode, Proof } from "./session.ts";

/** One node of a profile: what ran, and where. */
export interface NodeRun extends FallbackNode {
  /** As ONNX Runtime names it: "CUDAExecutionProvider". */
  readonly provider: string;
}

const CPU = "CPUExecutionProvider";

/** Copies between devices that ONNX Runtime puts into a graph. */
const COPIES: ReadonlySet<string> = new Set(["MemcpyToHost", "MemcpyFromHost"]);

/** Fallback nodes that are named; the others are only counted. */
const MOST_NAMED = 100;

interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly args?: { readonly provider?: string; readonly op_name?: string };
}

const KERNEL = "_kernel_time";

/**
 * The nodes that a profile of one run holds. Names are those of the graph, "node of the user's model|value made"; the first part is kept.
 * @source ONNX Runtime, "Profile your model": events of category Node.
 */
export const readProfile = (text: string): NodeRun[] =>
  (JSON.parse(text) as readonly ProfileEvent[]).flatMap(({ cat, name = "", args }) => {
    if (cat !== "Node" || !name.endsWith(KERNEL) || args?.provider === undefined || args.provider === "") return [];
    return [{ name: (name.slice(0, -KERNEL.length).split("|")[0] ?? ""), operator: args.op_name ?? "", provider: args.provider }];
  });

/** Which provider ran what, over all graphs of a runtime. */
export class ProofKeeper {
  readonly #nodes = new Map<string, number>();
  /** Nodes of the user's model, each once, however many graphs have it. */
  readonly #fallback = new Map<string, FallbackNode>();
  /** Nodes without a name by operator: each is one of its own. */
  readonly #unnamed = new Map<string, number>();
  readonly #host = new Set<string>();
  #fallbackCount = 0;
  #copies = 0;

  /** `onCpu`: the runtime's own provider is the CPU, where nothing can fall back to it. Returns the nodes that fell back. */
  add(runs: readonly NodeRun[], onCpu: boolean): readonly FallbackNode[] {
    const own = runs.filter(({ operator }) => !COPIES.has(operator));
    this.#copies += runs.length - own.length;
    for (const { provider } of own) this.#nodes.set(provider, (this.#nodes.get(provider) ?? 0) + 1);
    const fallen = onCpu ? [] : own.filter(({ provider }) => provider === CPU).map(({ name, operator }) => ({ name, operator }));
    this.#fallbackCount += fallen.length;
    for (const node of fallen) {
      if (node.name === "") this.#unnamed.set(node.operator, (this.#unnamed.get(node.operator) ?? 0) + 1);
      else this.#fallback.set(`${node.operator} ${node.name}`, node);
    }
    return fallen;
  }

  /** Notes something that was computed on the CPU on purpose. */
  onHost(purpose: string): void {
    this.#host.add(purpose);
  }

  get(): Proof {
    const unnamed = [...this.#unnamed].flatMap(([operator, count]) => Array.from({ length: Math.min(count, MOST_NAMED) }, (): FallbackNode => ({ name: "", operator })));
    return {
      nodes: this.#nodes.size === 0 ? null : Object.fromEntries([...this.#nodes].sort(([, a], [, b]) => b - a)),
      copies: this.#copies,
      fallback: { count: this.#fallbackCount, nodes: [...this.#fallback.values(), ...unnamed].slice(0, MOST_NAMED) },
      host: [...this.#host],
    };
  }
}
