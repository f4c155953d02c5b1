import { ALL_CAPABILITIES, type Capabilities } from "../core/capabilities.ts";
import { type DType, type Tensor, sizeOf } from "../core/tensor.ts";
import type { Attribute, Attributes } from "./graph.ts";
import type { Operand, Program, Step, Value } from "./value.ts";

/** Attribute values as rules write them: whole numbers become int, arrays of them ints; a float attribute is written `{ float: x }`. */
export type PlainAttributes = Readonly<Record<string, number | string | readonly number[] | { readonly float: number } | Attribute | undefined>>;

const isPlainAttribute = (value: object): value is Attribute => "type" in value;

/** Typed attributes from plain ones. @throws RangeError for a number that is not whole. */
export const toAttributes = (plain: PlainAttributes): Attributes => {
  const out: Record<string, Attribute> = {};
  for (const [key, value] of Object.entries(plain)) {
    if (value === undefined) continue;
    if (typeof value === "number") out[key] = { type: "int", value: BigInt(value) };
    else if (typeof value === "string") out[key] = { type: "string", value };
    else if (Array.isArray(value)) out[key] = { type: "ints", value: (value as readonly number[]).map(BigInt) };
    else if (typeof value === "object" && "float" in value) out[key] = { type: "float", value: value.float };
    else if (isPlainAttribute(value)) out[key] = value;
  }
  return out;
};

/** Content key of an attribute; null for one that is never compared (graphs, tensors). */
const attributeKey = (attribute: Attribute): string | null =>
  attribute.type === "tensor" || attribute.type === "graph" ? null : `${attribute.type}:${String(attribute.value)}`;

/** Key by which repeated calls are found; undefined when the call must not be merged with another. */
const callKey = (op: string, domain: string, inputs: readonly Operand[], attributes: Attributes, outputs: number): string | undefined => {
  const keys = Object.entries(attributes).map(([name, attribute]) => [name, attributeKey(attribute)] as const);
  if (keys.some(([, key]) => key === null)) return undefined;
  return `${domain}.${op}(${inputs.map((i) => i?.name ?? "").join()})${keys.map(([name, key]) => `${name}=${key ?? ""}`).join(";")}#${outputs}`;
};

const SMALL = 64;

/** Content key of a small constant; large ones are told apart by identity only. */
const constantKey = (tensor: Tensor): string | undefined =>
  tensor.data.length <= SMALL ? `${tensor.dtype}[${tensor.shape.join()}]${Array.from(tensor.data as ArrayLike<number | bigint>, (v) => (Object.is(v, -0) ? "-0" : String(v))).join()}` : undefined;

/**
 * Collects steps. Calls that repeat an earlier one (same operator, operands and attributes) return its outputs: rules may ask for the
 * same thing twice without cost. Names of new values begin with `prefix`, which no name of the model does.
 */
export class ProgramWriter {
  readonly #steps: Step[] = [];
  readonly #inputs: Value[] = [];
  readonly #known = new Map<string, readonly Value[]>();
  readonly #constants = new Map<string | Tensor, Value>();
  readonly #makers = new Map<string, Step>();
  #count = 0;
  #constantCount = 0;
  /** The node of the user's model on whose behalf steps are written now. */
  origin = "";

  /** `capabilities`: what the steps may use of the provider that will run them. */
  constructor(readonly prefix = "jl:", readonly capabilities: Capabilities = ALL_CAPABILITIES) {}

  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** The step that makes a value; undefined for inputs and constants. */
  makerOf(value: Value): Step | undefined {
    return this.#makers.get(value.name);
  }

  /** A fresh name; deterministic, so that two builds of the same model agree. */
  name(hint: string): string {
    return `${this.prefix}${hint}_${this.#count++}`;
  }

  /** An input of the program; asked for again under the same name it is the same one. */
  input(name: string, dtype: DType, shape: readonly number[]): Value {
    const known = this.#inputs.find((i) => i.name === name);
    if (known) return known;
    const value: Value = { name, dtype, shape };
    this.#inputs.push(value);
    return value;
  }

  constant(tensor: Tensor, hint = "c"): Value {
    const key = constantKey(tensor) ?? tensor;
    const known = this.#constants.get(key);
    if (known) return known;
    // Counted apart: which constants coincide depends on the batch size, and the names of steps must not.
    const value: Value = { name: `${this.prefix}${hint}#${this.#constantCount++}`, dtype: tensor.dtype, shape: tensor.shape, constant: tensor };
    this.#constants.set(key, value);
    return value;
  }

  /** Adds a step (or finds the same one). `outputs` gives shape and type of each output, and a name where one must be kept. */
  call(op: string, inputs: readonly Operand[], plain: PlainAttributes, outputs: readonly { shape: readonly number[]; dtype: DType; name?: string }[], domain = ""): readonly Value[] {
    const attributes = toAttributes(plain);
    const named = outputs.some((o) => o.name !== undefined);
    const key = callKey(op, domain, inputs, attributes, outputs.length);
    const known = named || key === undefined ? undefined : this.#known.get(key);
    if (known) return known;
    const values = outputs.map((o): Value => ({ name: o.name ?? this.name(op), shape: o.shape, dtype: o.dtype }));
    const step: Step = { op, domain, name: this.origin, attributes, inputs, outputs: values };
    this.#steps.push(step);
    for (const value of values) this.#makers.set(value.name, step);
    if (key !== undefined) this.#known.set(key, values);
    return values;
  }

  /** Adds a step that runs programs of its own (Scan, Loop). */
  callWith(op: string, inputs: readonly Operand[], bodies: Readonly<Record<string, Program>>, outputs: readonly { shape: readonly number[]; dtype: DType }[], plain: PlainAttributes = {}): readonly Value[] {
    const values = outputs.map((o): Value => ({ name: this.name(op), shape: o.shape, dtype: o.dtype }));
    const step: Step = { op, domain: "", name: this.origin, attributes: toAttributes(plain), inputs, outputs: values, bodies };
    this.#steps.push(step);
    for (const value of values) this.#makers.set(value.name, step);
    return values;
  }

  finish(outputs: readonly Value[]): Program {
    return { inputs: [...this.#inputs], outputs, steps: [...this.#steps] };
  }
}

/** Bytes that a value takes. */
export const bytesOf = (value: Value): number => sizeOf(value.shape) * (value.dtype === "float64" || value.dtype === "int64" || value.dtype === "uint64" ? 8 : value.dtype === "bool" || value.dtype === "int8" || value.dtype === "uint8" ? 1 : 4);
