import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("typeof gc === 'function' ? gc : () => undefined") as () => void;

/** Gives back the memory of arrays that nothing refers to any more, which V8 otherwise does when it sees fit. A few milliseconds. */
export const collectGarbage = (): void => {
  collect();
};
