import type { GraphBuilder } from "../builder.ts";
import { stringAttribute } from "../graph.ts";
import { lowering } from "../lowering.ts";
import type { Value } from "../value.ts";

/** A tensor with a label on each axis. Axes that "..." stands for are labelled by their distance from the end: "-1", "-2" … */
interface Labelled { readonly value: Value; readonly labels: readonly string[] }

const labelled = (term: string, rank: number): string[] => {
  const [head = "", tail] = term.split("...");
  if (tail === undefined) return head.split("");
  const hidden = rank - head.length - tail.length;
  return [...head.split(""), ...Array.from({ length: hidden }, (_, i) => String(i - hidden)), ...tail.split("")];
};

/** Labels of the result where the equation does not name them: those that stand once, in alphabetical order, after what "..." hides. */
const implied = (terms: readonly (readonly string[])[]): string[] => {
  const all = terms.flat();
  const hidden = [...new Set(all.filter((label) => label.startsWith("-")))].sort((a, b) => Number(a) - Number(b));
  return [...hidden, ...all.filter((label) => !label.startsWith("-") && all.indexOf(label) === all.lastIndexOf(label)).sort()];
};

const ordered = (g: GraphBuilder, { value, labels }: Labelled, order: readonly string[]): Value => g.transpose(value, order.map((label) => labels.indexOf(label)));

/** A label that stands twice takes the diagonal. */
const withoutRepeats = (g: GraphBuilder, operand: Labelled): Labelled => {
  const { value, labels } = operand;
  const repeated = labels.find((label, i) => labels.indexOf(label) !== i);
  if (repeated === undefined) return operand;
  const [first = 0, second = 0] = labels.flatMap((label, i) => (label === repeated ? [i] : []));
  const others = labels.map((_, i) => i).filter((i) => i !== first && i !== second);
  const size = value.shape[first] ?? 1;
  const lead = others.map((i) => value.shape[i] ?? 1);
  const flat = g.reshape(g.transpose(value, [...others, first, second]), [...lead, size * size]);
  const diagonal = g.op("Gather", [flat, g.ints(Array.from({ length: size }, (_, i) => i * (size + 1)))], [...lead, size], value.dtype, { axis: lead.length });
  return withoutRepeats(g, { value: diagonal, labels: [...others.map((i) => labels[i] ?? ""), repeated] });
};

/** Labels that nobody needs any more are summed away. */
const reduced = (g: GraphBuilder, { value, labels }: Labelled, needed: ReadonlySet<string>): Labelled => {
  const axes = labels.flatMap((label, i) => (needed.has(label) ? [] : [i]));
  return { value: g.sum(value, axes), labels: labels.filter((label) => needed.has(label)) };
};

const sizesOf = (operand: Labelled, labels: readonly string[]): number[] => labels.map((label) => operand.value.shape[operand.labels.indexOf(label)] ?? 1);
const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** One matrix product: labels of both that are needed are its leading axes, those that are not are contracted. */
const contracted = (g: GraphBuilder, a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled => {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inner = shared.filter((label) => !needed.has(label));
  const left = a.labels.filter((label) => !shared.includes(label));
  const right = b.labels.filter((label) => !shared.includes(label));
  // Without leading axes the left operand keeps its own: a weight stays a matrix under them.
  const rows = batch.length === 0 ? sizesOf(a, left) : [product(sizesOf(a, left))];
  const m = g.reshape(ordered(g, a, [...batch, ...left, ...inner]), [...sizesOf(a, batch), ...(rows.length === 0 ? [1] : rows), product(sizesOf(a, inner))]);
  const n = g.reshape(ordered(g, b, [...batch, ...inner, ...right]), [...sizesOf(b, batch), product(sizesOf(b, inner)), product(sizesOf(b, right))]);
  const value = g.matMul(m, n);
  return { value: g.reshape(value, [...value.shape.slice(0, batch.length), ...sizesOf(a, left), ...sizesOf(b, right)]), labels: [...batch, ...left, ...right] };
};

/** Any Einsum as diagonals, sums and matrix products, operand by operand from the left. */
export const einsum = lowering("Einsum", (context) => {
  const { node, g, outputs: [out] } = context;
  const [left = "", right] = stringAttribute(node, "equation", "").replaceAll(" ", "").split("->");
  const values = context.inputs.flatMap((x) => x ?? []);
  const terms = left.split(",").map((term, i) => labelled(term, values[i]?.shape.length ?? 0));
  const hidden = Math.max(0, ...terms.map((labels) => labels.filter((label) => label.startsWith("-")).length));
  const result = right === undefined ? implied(terms) : labelled(right, right.replace("...", "").length + hidden);
  const operands = terms.map((labels, i): Labelled => withoutRepeats(g, { value: values[i] ?? (() => { throw new Error("one operand per term"); })(), labels }));
  const neededAfter = (from: number): Set<string> => new Set([...result, ...operands.slice(from).flatMap((o) => o.labels)]);
  const [first, ...rest] = operands;
  if (!first || !out) return [];
  const total = rest.reduce<Labelled>((sum, operand, i) => {
    const later = neededAfter(i + 2);
    const a = reduced(g, sum, new Set([...later, ...operand.labels]));
    const b = reduced(g, operand, new Set([...later, ...a.labels]));
    return contracted(g, a, b, later);
  }, reduced(g, first, neededAfter(1)));
  return [g.expand(ordered(g, total, result), out.shape)];
});
