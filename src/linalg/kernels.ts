import { PLAIN, RELAXED } from "./kernels.generated.ts";

/** An address in WebAssembly memory, in bytes. Strides are in bytes too. */
export type Address = number;

/** The compiled kernels of src/linalg/kernels, where each is described. Matrices are column-major float64. */
export interface Kernels {
  dot(n: number, x: Address, y: Address): number;
  axpy(n: number, s: number, x: Address, y: Address): void;
  scale(n: number, s: number, x: Address): void;
  largest(n: number, x: Address): number;
  symmetricProduct(n: number, a: Address, lda: number, x: Address, y: Address): void;
  productScratch(): number;
  product(
    m: number, n: number, k: number, alpha: number,
    a: Address, aRow: number, aColumn: number, b: Address, bRow: number, bColumn: number,
    c: Address, ldc: number, lower: number, scratch: Address,
  ): void;
  factorisePanel(m: number, columns: number, count: number, a: Address, lda: number, beta: Address, tau: Address): void;
  symmetricScratch(): number;
  symmetricTimesBlock(m: number, k: number, a: Address, lda: number, v: Address, ldv: number, y: Address, ldy: number, square: Address, scratch: Address): void;
  chase(n: number, b: number, from: number, to: number, band: Address, z: Address, width: number, keep: number, kept: Address, room: Address): void;
  chaseBack(n: number, b: number, from: number, to: number, y: Address, width: number, kept: Address): void;
  sweepUp(first: number, last: number, shift: number, d: Address, e: Address, rotations: Address): void;
  sweepDown(first: number, last: number, shift: number, d: Address, e: Address, rotations: Address): void;
  rotateRows(first: number, last: number, up: number, z: Address, width: number, rotations: Address): void;
}

/** Which of the two builds runs: fused multiply–add where the engine has relaxed SIMD (Node 22 and later), plain SIMD elsewhere. */
export type KernelBuild = "relaxed" | "plain";

const decode = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

const compiled = new Map<KernelBuild, WebAssembly.Module>();

/** The faster build that this engine accepts. */
export const bestBuild = (): KernelBuild => (compiled.has("relaxed") || WebAssembly.validate(decode(RELAXED)) ? "relaxed" : "plain");

const moduleOf = (build: KernelBuild): WebAssembly.Module => {
  const known = compiled.get(build);
  if (known !== undefined) return known;
  const module = new WebAssembly.Module(decode(build === "relaxed" ? RELAXED : PLAIN));
  compiled.set(build, module);
  return module;
};

const hasKernels = (exports: Readonly<Record<string, unknown>>): exports is Readonly<Record<string, unknown>> & Kernels => typeof exports.product === "function";

/** The kernels over one memory. The module is compiled once per process. */
export const instantiateKernels = (memory: WebAssembly.Memory, build: KernelBuild = bestBuild()): Kernels => {
  const abort = (): never => {
    throw new Error("a kernel aborted");
  };
  const { exports } = new WebAssembly.Instance(moduleOf(build), { env: { memory, abort } });
  if (!hasKernels(exports)) throw new Error("kernels.generated.ts does not hold the kernels: run scripts/build-kernels.mjs");
  return exports;
};
