import { type Context, held, type Move, pick } from "../context.ts";

const unary = (op: string, more: Omit<Move, "title" | "make"> = {}): Move => ({ title: op, ...more, make: ({ m, x }) => held(m.call(op, [x.name]), x.shape) });

/** 1 + x²: safe to divide by, and to take the logarithm and the root of. */
const positive = ({ m, x }: Context, name = x.name): string => m.call("Add", [m.call("Mul", [name, name]), m.scalar(1)]);

const ofPositive = (op: string): Move => ({ title: `${op}(1 + x²)`, make: (context) => held(context.m.call(op, [positive(context)]), context.x.shape) });

const binary = (op: string, more: Omit<Move, "title" | "make"> = {}): Move => ({ title: op, ...more, make: ({ m, x, other }) => held(m.call(op, [x.name, other.name]), x.shape) });

/** The shape of a tensor that broadcasts to x: some axes 1, some in front left out. */
const broadcast = ({ draws, x }: Context): number[] => {
  const ones = x.shape.map((d) => (draws.uniform() < 0.4 ? 1 : d));
  return ones.slice(draws.integer(ones.length + 1));
};

const withWeight = (op: string, mean: number, more: Omit<Move, "title" | "make"> = {}): Move => ({
  title: `${op} with a weight`,
  ...more,
  make: (context) => {
    const { m, x, draws, weight } = context;
    const operands = [x.name, weight(broadcast(context), mean)];
    return held(m.call(op, op !== "Div" && draws.uniform() < 0.3 ? operands.reverse() : operands), x.shape);
  },
});

export const elementwise: readonly Move[] = [
  ...["Tanh", "Sigmoid", "Sin", "Cos", "Neg", "Identity"].map((op) => unary(op)),
  ...["Erf", "Gelu", "Mish", "Softplus", "Asinh", "Atan"].map((op) => unary(op, { single: true })),
  ...["Relu", "Abs"].map((op) => unary(op, { kinked: true })),
  ...["LeakyRelu", "Elu", "Selu", "Celu", "HardSigmoid", "HardSwish", "ThresholdedRelu", "Shrink", "Softsign"].map((op) => unary(op, { kinked: true, single: true })),
  ...["Sqrt", "Log", "Reciprocal"].map(ofPositive),
  { title: "Exp of Tanh", make: ({ m, x }) => held(m.call("Exp", [m.call("Tanh", [x.name])]), x.shape) },
  { title: "Pow", make: (context) => held(context.m.call("Pow", [positive(context), context.m.scalar(pick(context.draws, [0.5, 1.5, -1]))]), context.x.shape) },
  { title: "Clip", kinked: true, make: ({ m, x }) => held(m.call("Clip", [x.name, m.scalar(-0.7), m.scalar(0.8)]), x.shape) },
  { title: "Softmax", make: ({ m, x, draws }) => held(m.call(pick(draws, ["Softmax", "LogSoftmax"]), [x.name], { axis: 1 + draws.integer(x.shape.length) }), x.shape) },
  binary("Add"), binary("Sub"), binary("Mul"), binary("Max", { kinked: true }), binary("Min", { kinked: true }),
  { title: "Div by 1 + y²", make: (context) => held(context.m.call("Div", [context.x.name, positive(context, context.other.name)]), context.x.shape) },
  { title: "Where", kinked: true, make: ({ m, x, other }) => held(m.call("Where", [m.call("Greater", [x.name, m.scalar(0.1)]), m.call("Mul", [x.name, other.name]), m.call("Mul", [x.name, m.scalar(0.3)])]), x.shape) },
  withWeight("Add", 0), withWeight("Sub", 0), withWeight("Mul", 1), withWeight("Div", 4), withWeight("Max", 0, { kinked: true }),
  { title: "PRelu", kinked: true, single: true, make: (context) => held(context.m.call("PRelu", [context.x.name, context.weight(broadcast(context), 0.3)]), context.x.shape) },
];
