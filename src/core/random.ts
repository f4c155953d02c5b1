/** A seeded source of random numbers. Two sources made from the same seed and name give the same numbers on every machine. */
export interface Random {
  /** Uniform on [0, 1), 32 random bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in 0 … bound − 1. */
  integer(bound: number): number;
  /** n standard normal numbers, owned by the caller. */
  normals(n: number): Float64Array;
  /** A uniformly random permutation of 0 … n − 1, owned by the caller (Fisher–Yates). */
  permutation(n: number): Uint32Array;
}

/** FNV-1a, 32 bits: folds the name of a stream into its seed. */
const hash = (text: string, seed: number): number => {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
};

/**
 * The random numbers of one purpose: `random(seed, "label permutations")`. Named streams do not disturb one another, so adding a draw
 * to one quantity leaves every other quantity as it was.
 * @source sfc32, Chris Doty-Humphrey's PractRand.
 */
export const random = (seed: number, stream: string): Random => {
  let a = hash(stream, seed);
  let b = hash(stream, a ^ 0x9e3779b9);
  let c = hash(stream, b ^ Math.imul(seed, 0x85ebca6b));
  let counter = 1;
  const next = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 15; i++) next();
  const uniform = (): number => next() / 4294967296;
  const normal = (): number => Math.sqrt(-2 * Math.log((next() + 1) / 4294967297)) * Math.cos(2 * Math.PI * uniform());
  const integer = (bound: number): number => Math.floor(uniform() * bound);
  return {
    uniform,
    normal,
    integer,
    normals: (n) => Float64Array.from({ length: n }, normal),
    permutation: (n) => {
      const order = Uint32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = integer(i + 1);
        const held = order[i] ?? 0;
        order[i] = order[j] ?? 0;
        order[j] = held;
      }
      return order;
    },
  };
};
