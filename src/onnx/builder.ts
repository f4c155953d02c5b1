import { type DType, type Tensor, isFloat, int64, sizeOf } from "../core/tensor.ts";
import { codeOf } from "./data-types.ts";
import { intsAttribute } from "./graph.ts";
import { ProgramWriter } from "./program-writer.ts";
import { type Operand, type Value, broadcastShape, normaliseAxis, sameShape } from "./value.ts";

/** Reductions of the canonical opset: axes as an operand. */
export type Reduction = "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin" | "ReduceProd" | "ReduceL2" | "ReduceLogSumExp";

/**
 * The operators that derivative rules are written in, with their shapes: thin, total, and simplifying (a reshape to the same shape, a
 * sum over no axis and a missing operand cost nothing). All emit standard ONNX operators of the canonical opset.
 */
export class GraphBuilder extends ProgramWriter {
  /** One value out of one operator call. */
  op(op: string, inputs: readonly Operand[], shape: readonly number[], dtype: DType, attributes: Parameters<ProgramWriter["call"]>[2] = {}, domain = ""): Value {
    const [value] = this.call(op, inputs, attributes, [{ shape, dtype }], domain);
    if (!value) throw new Error("call returns one value per output");
    return value;
  }

  /** A scalar of the type of `like`. */
  scalar(value: number, like: { readonly dtype: DType }): Value {
    const { dtype } = like;
    if (dtype === "float32") return this.constant({ dtype, shape: [], data: Float32Array.of(value) });
    if (dtype === "float64") return this.constant({ dtype, shape: [], data: Float64Array.of(value) });
    if (dtype === "int64") return this.constant({ dtype, shape: [], data: BigInt64Array.of(BigInt(value)) });
    if (dtype === "int32") return this.constant({ dtype, shape: [], data: Int32Array.of(value) });
    throw new RangeError(`no scalar of type ${dtype}`);
  }

  ints(values: readonly number[]): Value {
    return this.constant(int64([values.length], values), "ints");
  }

  /** Numbers of the type of `like`. */
  numbers(values: readonly number[], shape: readonly number[], like: { readonly dtype: DType }): Value {
    return this.constant(like.dtype === "float64" ? { dtype: "float64", shape, data: Float64Array.from(values) } : { dtype: "float32", shape, data: Float32Array.from(values) }, "numbers");
  }

  filled(value: number, shape: readonly number[], dtype: "float32" | "float64"): Value {
    const data = dtype === "float32" ? new Float32Array(sizeOf(shape)).fill(value) : new Float64Array(sizeOf(shape)).fill(value);
    return this.constant({ dtype, shape, data } as Tensor);
  }

  #binary(op: string, a: Value, b: Value, dtype: DType = a.dtype): Value {
    return this.op(op, [a, b], broadcastShape(a.shape, b.shape), dtype);
  }

  add(a: Value, b: Value): Value { return this.#binary("Add", a, b); }
  sub(a: Value, b: Value): Value { return this.#binary("Sub", a, b); }
  mul(a: Value, b: Value): Value { return this.#binary("Mul", a, b); }
  div(a: Value, b: Value): Value { return this.#binary("Div", a, b); }
  pow(a: Value, b: Value): Value { return this.#binary("Pow", a, b); }
  max(a: Value, b: Value): Value { return this.#binary("Max", a, b); }
  min(a: Value, b: Value): Value { return this.#binary("Min", a, b); }
  greater(a: Value, b: Value): Value { return this.#binary("Greater", a, b, "bool"); }
  less(a: Value, b: Value): Value { return this.#binary("Less", a, b, "bool"); }
  equal(a: Value, b: Value): Value { return this.#binary("Equal", a, b, "bool"); }

  /** value · a, a real number. */
  scale(a: Value, value: number): Value { return value === 1 ? a : this.mul(a, this.scalar(value, a)); }
  /** a + value, a real number. */
  shift(a: Value, value: number): Value { return value === 0 ? a : this.add(a, this.scalar(value, a)); }

  /** An operator that keeps shape and type: Neg, Exp, Tanh, Sqrt … */
  unary(op: string, a: Value): Value { return this.op(op, [a], a.shape, a.dtype); }
  neg(a: Value): Value { return this.unary("Neg", a); }
  square(a: Value): Value { return this.mul(a, a); }

  where(condition: Value, a: Value, b: Value): Value {
    return this.op("Where", [condition, a, b], broadcastShape(condition.shape, a.shape, b.shape), a.dtype);
  }

  /** 1 where the condition holds, else 0, as a float. */
  mask(condition: Value, dtype: DType): Value { return this.cast(condition, dtype); }

  cast(a: Value, dtype: DType): Value {
    return a.dtype === dtype ? a : this.op("Cast", [a], a.shape, dtype, { to: codeOf(dtype) });
  }

  /** The sum of what is there; undefined if nothing is. */
  sumOf(...terms: readonly Operand[]): Operand {
    return terms.reduce((sum, term) => (sum === undefined ? term : term === undefined ? sum : this.add(sum, term)), undefined);
  }

  reshape(a: Value, shape: readonly number[]): Value {
    if (sameShape(a.shape, shape)) return a;
    const maker = this.makerOf(a);
    if (maker?.op === "Reshape" && maker.inputs[0]) return this.reshape(maker.inputs[0], shape);
    return this.op("Reshape", [a, this.ints(shape)], shape, a.dtype, { allowzero: 1 });
  }

  transpose(a: Value, permutation: readonly number[]): Value {
    if (permutation.every((p, i) => p === i)) return a;
    const maker = this.makerOf(a);
    if (maker?.op === "Transpose" && maker.inputs[0]) {
      const inner = intsAttribute(maker, "perm") ?? [];
      return this.transpose(maker.inputs[0], permutation.map((p) => inner[p] ?? 0));
    }
    return this.op("Transpose", [a], permutation.map((p) => a.shape[p] ?? 1), a.dtype, { perm: permutation });
  }

  /** Exchanges the last two axes. */
  swapLast(a: Value): Value {
    const rank = a.shape.length;
    return this.transpose(a, Array.from({ length: rank }, (_, i) => (i === rank - 2 ? rank - 1 : i === rank - 1 ? rank - 2 : i)));
  }

  expand(a: Value, shape: readonly number[]): Value {
    return sameShape(a.shape, shape) ? a : this.op("Expand", [a, this.ints(shape)], shape, a.dtype);
  }

  /** A reduction over `axes`, each kept with size 1 or dropped. */
  reduce(op: Reduction, a: Value, axes: readonly number[], keep: boolean): Value {
    if (axes.length === 0) return a;
    const over = new Set(axes.map((axis) => normaliseAxis(axis, a.shape.length)));
    const shape = keep ? a.shape.map((d, i) => (over.has(i) ? 1 : d)) : a.shape.filter((_, i) => !over.has(i));
    return this.op(op, [a, this.ints([...over].sort((x, y) => x - y))], shape, a.dtype, { keepdims: keep ? 1 : 0 });
  }

  sum(a: Value, axes: readonly number[], keep = false): Value { return this.reduce("ReduceSum", a, axes, keep); }
  mean(a: Value, axes: readonly number[], keep = false): Value { return this.reduce("ReduceMean", a, axes, keep); }

  /** The adjoint of broadcasting: sums `a` over the axes along which `shape` was broadcast to a.shape. */
  sumTo(a: Value, shape: readonly number[]): Value {
    if (sameShape(a.shape, shape)) return a;
    const extra = a.shape.length - shape.length;
    const axes = a.shape.flatMap((d, i) => (i < extra || ((shape[i - extra] ?? 1) === 1 && d !== 1) ? [i] : []));
    return this.reshape(this.sum(a, axes, true), shape);
  }

  /** A·B with NumPy's rules for leading axes; both of rank ≥ 2. */
  matMul(a: Value, b: Value): Value {
    const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return this.op("MatMul", [a, b], [...lead, a.shape.at(-2) ?? 1, b.shape.at(-1) ?? 1], a.dtype);
  }

  /** Whether `timesSwapped` is one step. */
  turnsProducts(a: Value): boolean {
    return this.capabilities.turnedProducts && a.dtype === "float32";
  }

  /** A·Bᵀ over the last two axes, in one step where the provider has one; for derivatives only, since it has no rule. */
  timesSwapped(a: Value, b: Value): Value {
    if (!this.turnsProducts(a) || b.shape.length < 3) return this.matMul(a, this.swapLast(b));
    const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return this.op("FusedMatMul", [a, b], [...batch, a.shape.at(-2) ?? 1, b.shape.at(-2) ?? 1], a.dtype, { transB: 1 }, "com.microsoft");
  }

  concat(parts: readonly Value[], axis: number): Value {
    const [first] = parts;
    if (first === undefined) throw new RangeError("concat of nothing");
    if (parts.length === 1) return first;
    return this.op("Concat", parts, first.shape.map((d, i) => (i === axis ? parts.reduce((s, p) => s + (p.shape[axis] ?? 0), 0) : d)), first.dtype, { axis });
  }

  /** a[…, start : end : step, …] along the given axes; starts and ends non-negative, steps positive. */
  slice(a: Value, starts: readonly number[], ends: readonly number[], axes: readonly number[], steps: readonly number[] = axes.map(() => 1)): Value {
    const shape = [...a.shape];
    axes.forEach((axis, i) => { shape[axis] = Math.max(0, Math.ceil(((ends[i] ?? 0) - (starts[i] ?? 0)) / (steps[i] ?? 1))); });
    if (sameShape(shape, a.shape)) return a;
    return this.op("Slice", [a, this.ints(starts), this.ints(ends), this.ints(axes), this.ints(steps)], shape, a.dtype);
  }

  /** Zero padding: `before[i]` and `after[i]` places on axis i. */
  pad(a: Value, before: readonly number[], after: readonly number[]): Value {
    if (before.every((d) => d === 0) && after.every((d) => d === 0)) return a;
    return this.op("Pad", [a, this.ints([...before, ...after])], a.shape.map((d, i) => d + (before[i] ?? 0) + (after[i] ?? 0)), a.dtype, { mode: "constant" });
  }

  zerosLike(a: Value): Value {
    const dtype = isFloat(a.dtype) ? a.dtype : "float32";
    return this.expand(this.scalar(0, { dtype }), a.shape);
  }
}
