import { type Arena, createArena } from "../linalg/arena.ts";
import type { Address } from "../linalg/kernels.ts";
import type { Random } from "../core/random.ts";

/** A column that loses all but this much of its length brings nothing new. */
const NOTHING_NEW = 1e-14;
/** Rows of the basis that are rotated at once. */
const PANEL = 256;
const MAX_ROUNDS = 8;

/** Coefficients C [rows, …], column-major. */
export interface Coefficients {
  readonly rows: number;
  readonly values: Float64Array;
}

/**
 * An orthonormal basis that grows by blocks and can be rotated down to fewer vectors: at most `capacity` vectors of length `size`, added at
 * most `block` at once, in 8·size·(capacity + block) bytes. Orthogonality is kept to rounding by projecting twice, and again where much was
 * lost. Its memory goes back to the system with it. @throws LensError MATRIX_TOO_LARGE beyond 4 GiB.
 * @source Daniel, Gragg, Kaufman, Stewart 1976; Giraud, Langou, Rozložník, van den Eshof 2005.
 */
export class Basis {
  readonly #arena: Arena = createArena();
  readonly #vectors: Address;
  readonly #room: Address;
  readonly #rotation: Address;
  readonly #scratch: Address;
  /** Bytes from one vector to the next. */
  readonly #stride: number;
  #held = 0;

  constructor(
    readonly size: number,
    capacity: number,
    block: number,
    private readonly draw: Random,
  ) {
    this.#stride = 8 * size;
    this.#vectors = this.#arena.reserve(size * (capacity + block));
    this.#room = this.#arena.reserve(Math.max(capacity * block, PANEL * capacity));
    this.#rotation = this.#arena.reserve(capacity * capacity);
    this.#scratch = this.#arena.reserve(this.#arena.kernels.productScratch() / 8);
  }

  /** How many vectors it holds. */
  get count(): number {
    return this.#held;
  }

  #at(column: number): Address {
    return this.#vectors + column * this.#stride;
  }

  #length(column: Address): number {
    return Math.sqrt(this.#arena.kernels.dot(this.size, column, column));
  }

  /** Takes the part within the held vectors out of `count` columns, and adds its coefficients to `into`. */
  #project(columns: Address, count: number, into?: Coefficients): void {
    const held = this.#held;
    if (held === 0) return;
    const { kernels } = this.#arena;
    const [vectors, room, ld, scratch] = [this.#vectors, this.#room, this.#stride, this.#scratch];
    const found = this.#arena.view(room, held * count).fill(0);
    kernels.product(held, count, this.size, 1, vectors, ld, 8, columns, 8, ld, room, 8 * held, 0, scratch);
    kernels.product(this.size, count, held, -1, vectors, 8, ld, room, 8, 8 * held, columns, ld, 0, scratch);
    if (!into) return;
    for (let j = 0; j < count; j++) for (let i = 0; i < held; i++) into.values[i + j * into.rows]! += found[i + j * held]!;
  }

  /** Takes fresh columns 0 … j − 1 out of fresh column j. */
  #projectFresh(j: number, into: Float64Array | undefined): void {
    const { kernels } = this.#arena;
    const column = this.#at(this.#held + j);
    for (let i = 0; i < j; i++) {
      const before = this.#at(this.#held + i);
      const inner = kernels.dot(this.size, before, column);
      kernels.axpy(this.size, -inner, before, column);
      if (into) into[this.#held + i]! += inner;
    }
  }

  /** Makes fresh column j a unit vector orthogonal to all before it; `own` is its column of coefficients, `original` its length at first. */
  #settle(j: number, original: number, own: Float64Array): void {
    const column = this.#at(this.#held + j);
    let [known, length, whole] = [true, this.#length(column), original];
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#projectFresh(j, known ? own : undefined);
      const before = length;
      length = this.#length(column);
      if (!(length > NOTHING_NEW * whole)) {
        known = false;
        this.#arena.view(column, this.size).set(this.draw.normals(this.size));
        whole = this.#length(column);
        this.#project(column, 1);
        length = this.#length(column);
      } else if (length > 0.5 * before) break;
      else this.#project(column, 1, known ? { rows: own.length, values: own } : undefined);
    }
    this.#arena.kernels.scale(this.size, 1 / length, column);
    own[this.#held + j] = known ? length : 0;
  }

  /**
   * Adds what is new in `block` [size, count] as min(count, size − held) vectors; columns that bring nothing new are replaced by random
   * directions. Returns C with block = (all vectors now)·C to rounding. Cost: 8·size·held·count FLOPs.
   */
  append(block: Float64Array, count: number): Coefficients {
    const held = this.#held;
    const fresh = this.#at(held);
    this.#arena.view(fresh, this.size * count).set(block.subarray(0, this.size * count));
    const added = Math.min(count, this.size - held);
    const rows = held + added;
    const coefficients = { rows, values: new Float64Array(rows * count) };
    const lengths = Array.from({ length: count }, (_, j) => this.#length(this.#at(held + j)));
    for (let pass = 0; pass < 2; pass++) this.#project(fresh, count, coefficients);
    for (let j = 0; j < added; j++) this.#settle(j, lengths[j]!, coefficients.values.subarray(j * rows, (j + 1) * rows));
    const { kernels } = this.#arena;
    for (let j = added; j < count; j++) for (let i = 0; i < added; i++) coefficients.values[held + i + j * rows] = kernels.dot(this.size, this.#at(held + i), this.#at(held + j));
    this.#held += added;
    return coefficients;
  }

  /** (I − QQᵀ)·block for the vectors Q held now, [size, count]; a new array. */
  without(block: Float64Array, count: number): Float64Array {
    const fresh = this.#at(this.#held);
    this.#arena.view(fresh, this.size * count).set(block.subarray(0, this.size * count));
    for (let pass = 0; pass < 2; pass++) this.#project(fresh, count);
    return this.#arena.view(fresh, this.size * count).slice();
  }

  /** Replaces the first `combined` vectors by `kept` combinations of them, rotation [combined, kept] column-major; the others follow them. Cost: 2·size·combined·kept FLOPs. */
  rotate(combined: number, rotation: Float64Array, kept: number): void {
    const { kernels } = this.#arena;
    this.#arena.view(this.#rotation, combined * kept).set(rotation.subarray(0, combined * kept));
    for (let row = 0; row < this.size; row += PANEL) {
      const rows = Math.min(PANEL, this.size - row);
      const turned = this.#arena.view(this.#room, rows * kept).fill(0);
      kernels.product(rows, kept, combined, 1, this.#vectors + 8 * row, 8, this.#stride, this.#rotation, 8, 8 * combined, this.#room, 8 * rows, 0, this.#scratch);
      for (let j = 0; j < kept; j++) this.#arena.view(this.#at(j) + 8 * row, rows).set(turned.subarray(j * rows, (j + 1) * rows));
    }
    this.#arena.view(this.#vectors, this.size * this.#held).copyWithin(this.size * kept, this.size * combined);
    this.#held += kept - combined;
  }

  /** Forgets all but the first `count` vectors. */
  truncate(count: number): void {
    this.#held = Math.min(this.#held, count);
  }

  /** A copy of the vectors from, …, from + count − 1: [size, count]. */
  columns(from: number, count: number): Float64Array {
    return this.#arena.view(this.#at(from), this.size * count).slice();
  }
}
