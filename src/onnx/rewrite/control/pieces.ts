import { int64, type Tensor } from "../../../core/tensor.ts";
import type { Initializer, Node } from "../../graph.ts";
import { type PlainAttributes, toAttributes } from "../../program-writer.ts";
import { type Body, type Instance, instantiate } from "../instantiate.ts";
import type { Names } from "../names.ts";

/** Collects the nodes and constants that take the place of a control-flow node, in the forms of the model's own opset. */
export class Pieces {
  readonly nodes: Node[] = [];
  readonly initializers = new Map<string, Initializer>();

  /** `at`: the name of the node that is replaced; new names begin with it. */
  constructor(
    private readonly names: Names,
    readonly opset: number,
    private readonly at: string,
  ) {}

  constant(tensor: Tensor, what: string): string {
    const name = this.names.fresh(`${this.at}/${what}`);
    this.initializers.set(name, { name, dtype: tensor.dtype, shape: tensor.shape, load: () => tensor });
    return name;
  }

  /** A copy of a body; `mark` tells iterations apart. */
  copy(body: Body, actuals: readonly string[], mark = ""): readonly string[] {
    const made: Instance = instantiate(body, actuals, this.names, `${this.at}/${mark}`);
    this.nodes.push(...made.nodes);
    for (const [name, initializer] of made.initializers) this.initializers.set(name, initializer);
    return made.results;
  }

  #call(op: string, inputs: readonly string[], outputs: number, attributes: PlainAttributes): string[] {
    const made = Array.from({ length: outputs }, () => this.names.fresh(`${this.at}/${op}`));
    this.nodes.push({ op, domain: "", name: made[0] ?? this.at, inputs, outputs: made, attributes: toAttributes(attributes) });
    return made;
  }

  one(op: string, inputs: readonly string[], attributes: PlainAttributes = {}): string {
    const [made = ""] = this.#call(op, inputs, 1, attributes);
    return made;
  }

  /** Whether axes and sizes of Squeeze, Unsqueeze and Split are attributes. */
  get #byAttribute(): boolean {
    return this.opset < 13;
  }

  #axis(op: "Squeeze" | "Unsqueeze", a: string, axis: number): string {
    return this.#byAttribute ? this.one(op, [a], { axes: [axis] }) : this.one(op, [a, this.constant(int64([1], [axis]), "axes")]);
  }

  squeeze(a: string, axis: number): string {
    return this.#axis("Squeeze", a, axis);
  }

  unsqueeze(a: string, axis: number): string {
    return this.#axis("Unsqueeze", a, axis);
  }

  /** Parts of the given sizes along an axis. */
  split(a: string, axis: number, sizes: readonly number[]): string[] {
    if (sizes.length === 0) return [];
    return this.#byAttribute ? this.#call("Split", [a], sizes.length, { axis, split: sizes }) : this.#call("Split", [a, this.constant(int64([sizes.length], sizes), "sizes")], sizes.length, { axis });
  }

  /** The slices along an axis, without it. */
  slices(a: string, axis: number, count: number): string[] {
    return this.split(a, axis, Array.from({ length: count }, () => 1)).map((part) => this.squeeze(part, axis));
  }

  concat(parts: readonly string[], axis: number): string {
    return this.one("Concat", parts, { axis });
  }

  /** Values of one shape as the slices along a new axis. */
  stack(parts: readonly string[], axis: number): string {
    return this.concat(parts.map((part) => this.unsqueeze(part, axis)), axis);
  }
}
