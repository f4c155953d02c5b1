import type { GraphBuilder } from "../onnx/builder.ts";
import type { Value } from "../onnx/value.ts";
import type { Tensor } from "../core/tensor.ts";

/** A range of rows of a side, whole samples of K rows each. */
export interface Group {
  readonly from: number;
  readonly rows: number;
}

/** One product of a group of rows with a group of columns. */
export interface Piece {
  readonly row: number;
  readonly column: number;
  readonly shape: readonly [number, number];
}

/** Rows of the first group that are looked at more closely: row 0 and every `step`-th after it. */
export interface Sampled {
  readonly count: number;
  readonly step: number;
}

/** How a tile is cut: on the diagonal into pieces on and below it, the others are their transposes; elsewhere it is one piece. */
export interface Layout {
  readonly rows: readonly Group[];
  readonly columns: readonly Group[];
  readonly pieces: readonly Piece[];
  /** Where each sample's part with itself is in a piece on the diagonal, [m, K, K], by the piece's rows: one array for all blocks. */
  readonly places: ReadonlyMap<number, Tensor>;
  /** On the diagonal. */
  readonly sampled: Sampled | null;
}

/** How many samples a tile has each way. On the diagonal both sides are the same values. */
export interface Sides {
  readonly m: number;
  readonly n: number;
  readonly classes: number;
  readonly diagonal: boolean;
}

/** Rows of a group, about: products of larger ones are no faster, and of smaller ones fewer are above the diagonal. */
const GROUP_ROWS = 160;

const MOST_GROUPS = 5;

/** Rows that are sampled, at most: a twentieth of those of a group, so that it takes a hundredth of the time. */
const SAMPLED_ROWS = 8;

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** Rows all over the first `rows`, of all classes in turn. */
export const sampledRows = (rows: number, classes: number): Sampled => {
  const count = Math.min(SAMPLED_ROWS, rows);
  let step = Math.floor(rows / count);
  while (commonDivisor(step, classes) > 1) step--;
  return { count, step };
};

/** The entries of the sampled rows with one another, [count, count], of a square part. */
export const sampledOf = (g: GraphBuilder, part: Value, { count, step }: Sampled): Value => g.slice(part, [0, 0], [(count - 1) * step + 1, (count - 1) * step + 1], [0, 1], [step, step]);

const groupsOf = (samples: number, count: number, classes: number): Group[] => {
  const edges = Array.from({ length: count + 1 }, (_, i) => Math.round((i * samples) / count) * classes);
  return edges.slice(1).map((edge, i) => ({ from: edges[i] ?? 0, rows: edge - (edges[i] ?? 0) }));
};

export const layoutOf = ({ m, n, classes, diagonal }: Sides): Layout => {
  const count = diagonal ? Math.max(1, Math.min(m, MOST_GROUPS, Math.ceil((m * classes) / GROUP_ROWS))) : 1;
  const rows = groupsOf(m, count, classes);
  const columns = diagonal ? rows : groupsOf(n, 1, classes);
  const pieces = rows.flatMap((one, row) => columns.slice(0, diagonal ? row + 1 : 1).map((other, column): Piece => ({ row, column, shape: [one.rows, other.rows] })));
  const places = new Map(diagonal ? rows.map((group) => [group.rows, placesOf(group.rows / classes, classes)] as const) : []);
  return { rows, columns, pieces, places, sampled: diagonal ? sampledRows(rows[0]?.rows ?? 1, classes) : null };
};

/** The pieces of a whole tile. */
export const cutTile = (g: GraphBuilder, { rows, columns, pieces }: Layout, tile: Value): readonly Value[] => pieces.map(({ row, column, shape }) => {
  const [top, left] = [rows[row]?.from ?? 0, columns[column]?.from ?? 0];
  return g.slice(tile, [top, left], [top + shape[0], left + shape[1]], [0, 1]);
});

/** The whole tile of its pieces. */
export const assemble = (g: GraphBuilder, { rows, columns, pieces }: Layout, values: readonly Value[]): Value => {
  const at = new Map(pieces.map(({ row, column }, i) => [`${row},${column}`, values[i]]));
  const block = (row: number, column: number): Value => {
    const own = at.get(`${row},${column}`);
    if (own) return own;
    const mirrored = at.get(`${column},${row}`);
    if (!mirrored) throw new Error("every piece or its mirror image has a value");
    return g.transpose(mirrored, [1, 0]);
  };
  return g.concat(rows.map((_, row) => g.concat(columns.map((__, column) => block(row, column)), 1)), 0);
};

/** Where the K×K blocks on the diagonal of a square part [m·K, m·K] are in it, [m, K, K]. */
const placesOf = (m: number, k: number): Tensor =>
  ({ dtype: "int32", shape: [m, k, k], data: Int32Array.from({ length: m * k * k }, (_, e) => (Math.floor(e / k) * m + Math.floor(e / (k * k))) * k + (e % k)) });

/** Each sample's part with itself, [blocks, m, K, K], of the pieces of some blocks' tiles on the diagonal: picked, nothing else is read. */
export const ownBlocks = (g: GraphBuilder, { pieces, places }: Layout, tiles: readonly (readonly Value[])[]): Value =>
  g.concat(pieces.flatMap(({ row, column, shape }, i) => {
    const own = row === column ? places.get(shape[0]) : undefined;
    const values = tiles.flatMap((tile) => tile[i] ?? []);
    if (!own) return [];
    const flat = g.reshape(g.concat(values, 0), [values.length, shape[0] * shape[1]]);
    return [g.op("Gather", [flat, g.constant(own, "diagonal")], [values.length, ...own.shape], flat.dtype, { axis: 1 })];
  }), 1);
