import { csv } from "./csv.ts";
import type { Format } from "./format.ts";
import { npy } from "./npy.ts";
import { npz } from "./npz.ts";

/** Every data format, in the order in which they are tried. */
export const formats: readonly Format[] = [npz, npy, csv];
