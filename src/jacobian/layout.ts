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

/** Rows of a side that are looked at more closely. */
export interface Sampled {
  /** Of each row its class, in the order of all groups. */
  readonly classes: readonly number[];
  /** Of each group the rows, counted from its first, int64 [count]; null for a group without. */
  readonly rows: readonly (Tensor | null)[];
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

/** Rows that are sampled, at most: a thirtieth of those of a tile, so that it takes a hundredth of the time. */
const SAMPLED_ROWS = 12;

/** Rows of samples all over the groups, the same two classes of each: pairs of one class, whose gradients are most alike, are among them. */
const sampledOf = (groups: readonly Group[], samples: number, classes: number): Sampled => {
  const own = classes > 1 ? [0, Math.floor(classes / 2)] : [0];
  const count = Math.min(samples, SAMPLED_ROWS / own.length);
  const rows = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * samples) / count) * classes).flatMap((first) => own.map((k) => first + k));
  const inGroup = groups.map(({ from, rows: height }) => rows.filter((row) => row >= from && row < from + height).map((row) => BigInt(row - from)));
  return { classes: rows.map((row) => row % classes), rows: inGroup.map((some) => (some.length > 0 ? { dtype: "int64", shape: [some.length], data: BigInt64Array.from(some) } : null)) };
};

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
  return { rows, columns, pieces, places, sampled: diagonal ? sampledOf(rows, m, classes) : null };
};

/** The pieces of a whole tile. */
export const cutTile = (g: GraphBuilder, { rows, columns, pieces }: Layout, tile: Value): readonly Value[] => pieces.map(({ row, column, shape }) => {
  const [top, left] = [rows[row]?.from ?? 0, columns[column]?.from ?? 0];
  return g.slice(tile, [top, left], [top + shape[0], left + shape[1]], [0, 1]);
});

/** The whole tile of its pieces. */
export const assemble = (g: GraphBuilder, { rows, columns, pieces }: Pick<Layout, "rows" | "columns" | "pieces">, values: readonly Value[]): Value => {
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

/** The sampled rows of the groups of a side, [count, columns]. */
export const sampledRows = (g: GraphBuilder, { rows }: Sampled, groups: readonly Value[]): Value =>
  g.concat(groups.flatMap((group, i) => {
    const own = rows[i];
    return own ? [g.op("Gather", [group, g.constant(own, "sampled")], [own.shape[0] ?? 1, group.shape[1] ?? 1], group.dtype, { axis: 0 })] : [];
  }), 0);

/** The entries of the sampled rows with one another, [count, count], of the pieces of a tile on the diagonal. */
export const sampledEntries = (g: GraphBuilder, { pieces, sampled, ...layout }: Layout, values: readonly Value[]): Value | null => {
  if (!sampled) return null;
  const held = pieces.flatMap((piece, i) => {
    const [own, value, beside] = [sampled.rows[piece.row], values[i], sampled.rows[piece.column]];
    if (!own || !value || !beside) return [];
    const rows = g.op("Gather", [value, g.constant(own, "sampled")], [own.shape[0] ?? 1, piece.shape[1]], value.dtype, { axis: 0 });
    return [{ piece, value: g.op("Gather", [rows, g.constant(beside, "sampled")], [own.shape[0] ?? 1, beside.shape[0] ?? 1], value.dtype, { axis: 1 }) }];
  });
  const groups = layout.rows.flatMap((group, i) => (sampled.rows[i] ? [{ group, i }] : []));
  const place = new Map(groups.map(({ i }, at) => [i, at]));
  const small = held.map(({ piece }): Piece => ({ row: place.get(piece.row) ?? 0, column: place.get(piece.column) ?? 0, shape: piece.shape }));
  const kept = groups.map(({ group }) => group);
  return assemble(g, { rows: kept, columns: kept, pieces: small }, held.map(({ value }) => value));
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
