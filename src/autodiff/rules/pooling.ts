import { sizeOf } from "../../core/tensor.ts";
import { rule } from "../rule.ts";

/**
 * The largest entry of each window; its second output says where it stood (flat position in x), which is all that both halves need.
 *   jvp  ẏ = ẋ at those places        vjp  x̄ = ȳ added back at those places
 * At a tie the first entry counts, as in PyTorch.
 */
export const maxPool = rule("MaxPool", {
  kind: "piecewise",
  jvp: ({ inputs: [x], outputs: [y, places], tangents: [dx], g }) => {
    if (!x || !y || !places || !dx) return undefined;
    return g.op("Gather", [g.reshape(dx, [sizeOf(x.shape)]), places], y.shape, y.dtype, { axis: 0 });
  },
  vjp: ({ inputs: [x], outputs: [, places], cotangent, g }) => {
    if (!x || !places) return [];
    const flat = [sizeOf(x.shape)];
    const count = [sizeOf(cotangent.shape)];
    const scattered = g.op("ScatterElements", [g.zerosLike(g.reshape(x, flat)), g.reshape(places, count), g.reshape(cotangent, count)], flat, cotangent.dtype, { axis: 0, reduction: "add" });
    return [g.reshape(scattered, x.shape)];
  },
});
