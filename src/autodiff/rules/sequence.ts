import { intAttribute } from "../../onnx/graph.ts";
import { again, linear, type RuleContext } from "../rule.ts";
import type { Value } from "../../onnx/value.ts";

/** Running sums along an axis, from either end; the adjoint runs from the other end. */
export const cumSum = linear("CumSum", again, ({ step, inputs: [, axis], g }, y) =>
  g.op("CumSum", [y, axis], y.shape, y.dtype, { exclusive: intAttribute(step, "exclusive", 0), reverse: 1 - intAttribute(step, "reverse", 0) }));

const itself = (context: RuleContext, y: Value): Value => again(context, y);

/** One triangle kept, the other set to 0: a projection, so its own adjoint. */
export const trilu = linear("Trilu", again, itself);

/** The first entries of each sequence in reverse order: its own inverse, and a permutation, so its own adjoint. */
export const reverseSequence = linear("ReverseSequence", again, itself);

/** Another element type; between floating types the derivative passes, others carry none. */
export const cast = linear("Cast", ({ outputs: [y], g }, x) => g.cast(x, y?.dtype ?? x.dtype), ({ inputs: [x], g }, y) => g.cast(y, x?.dtype ?? y.dtype),
  (rows, { inputs: [x], g }) => g.cast(rows, x?.dtype ?? rows.dtype));
