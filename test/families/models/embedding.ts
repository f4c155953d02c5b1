import type { Family } from "../family.ts";
import type { Maker } from "../maker.ts";
import { block, dense, layerNorm, mean, permute } from "../layers.ts";

const TOKENS = 7;

const looked = (m: Maker, table: string, indices: string): string => m.call("Gather", [table, indices], { axis: 0 });

export const embeddings: readonly Family[] = [
  { title: "a bag of words", shape: [5], tokens: TOKENS, build: (m) => dense(m, mean(m, m.call("Tanh", [looked(m, m.weight("embedding", [TOKENS, 4], { scale: 1 }), m.x)]), [1]), "head", 4, 3) },
  { title: "one category a sample", shape: [], tokens: TOKENS, build: (m) => dense(m, looked(m, m.weight("embedding", [TOKENS, 4], { scale: 1 }), m.x), "head", 4, 3) },
  {
    title: "several columns of categories with tables of their own", shape: [3], tokens: 4, build: (m) => {
      const columns = [0, 1, 2].map((i) => looked(m, m.weight(`table${i}`, [4, 2 + i], { scale: 1 }), m.call("Gather", [m.x, m.ints([i], [])], { axis: 1 })));
      return dense(m, m.call("Tanh", [m.call("Concat", columns, { axis: 1 })]), "head", 9, 2);
    },
  },
  {
    title: "an embedding tied with the output head", shape: [4], tokens: TOKENS, build: (m) => {
      const table = m.weight("embedding", [TOKENS, 4], { scale: 0.7 });
      const hidden = m.call("Tanh", [dense(m, mean(m, looked(m, table, m.x), [1]), "fc", 4, 4)]);
      return m.call("MatMul", [hidden, permute(m, table, [1, 0])]);
    },
  },
  {
    title: "positions added by broadcasting", shape: [4], tokens: TOKENS, build: (m) => {
      const sum = m.call("Add", [looked(m, m.weight("embedding", [TOKENS, 4], { scale: 1 }), m.x), m.weight("positions", [1, 4, 4], { scale: 1 })]);
      return dense(m, mean(m, m.call("Tanh", [sum]), [1]), "head", 4, 2);
    },
  },
  {
    title: "positions looked up in a longer table", shape: [4], tokens: TOKENS, build: (m) => {
      const positions = looked(m, m.weight("positions", [6, 4], { scale: 1 }), m.ints([0, 1, 2, 3], [1, 4]));
      return dense(m, mean(m, layerNorm(m, m.call("Add", [looked(m, m.weight("embedding", [TOKENS, 4], { scale: 1 }), m.x), positions]), "norm", 4), [1]), "head", 4, 2);
    },
  },
  {
    title: "a language model: tokens, positions, a block, and the table again as head", shape: [3], tokens: 5, build: (m) => {
      const table = m.weight("embedding", [5, 4], { scale: 0.7 });
      const x = m.call("Add", [looked(m, table, m.x), m.weight("positions", [1, 3, 4], { scale: 0.5 })]);
      const causal = m.floats([0, -1e4, -1e4, 0, 0, -1e4, 0, 0, 0], [3, 3]);
      const last = m.call("Gather", [layerNorm(m, block(m, x, "block", 3, 4, 2, causal), "norm", 4), m.ints([-1], [])], { axis: 1 });
      return m.call("MatMul", [last, permute(m, table, [1, 0])]);
    },
  },
  { title: "tokens as one-hot rows times a table", shape: [4], tokens: TOKENS, build: (m) => mean(m, m.call("Tanh", [m.call("MatMul", [m.call("OneHot", [m.x, m.ints([TOKENS], []), m.floats([0, 1])], { axis: -1 }), m.weight("embedding", [TOKENS, 3], { scale: 1 })])]), [1]) },
];
