import type { Input, Maker } from "./maker.ts";

/** A small network of one kind. */
export interface Family extends Input {
  readonly title: string;
  readonly opset?: number;
  /** Parameters whose gradients are taken one sample at a time, for want of a structure; none unless said. */
  readonly alone?: readonly string[];
  /** Writes the network; returns its output, [batch, …]. */
  readonly build: (m: Maker) => string;
}
