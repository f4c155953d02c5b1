import type { FileSource } from "../byte-source.ts";
import type { ArraySource, SkippedArray } from "../dataset.ts";

/** Which columns to take as inputs and labels, for formats whose arrays are made of columns. */
export interface ArrayNames {
  readonly x?: string;
  readonly y?: string;
}

/** What a format finds in a file. */
export interface Contents {
  readonly arrays: readonly ArraySource[];
  readonly skipped: readonly SkippedArray[];
}

/** A file format of data: one entry of the table in `index.ts`. */
export interface Format {
  readonly id: string;
  /** Lower case, with the dot. Used when no format's `matches` recognises the content. */
  readonly extensions: readonly string[];
  /** Whether a file that begins with these bytes is of this format; false where the format has no signature. */
  matches(head: Uint8Array): boolean;
  /** Lists the arrays; reads as little as the format allows. The source stays open until the caller closes it. @throws LensError of the format. */
  open(source: FileSource, path: string, names: ArrayNames): Promise<Contents>;
}

/** Whether `head` begins with these characters (one byte each). */
export const startsWith = (head: Uint8Array, signature: string): boolean => head.length >= signature.length && Array.from(signature).every((character, i) => head[i] === character.charCodeAt(0));
