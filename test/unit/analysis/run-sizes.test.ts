import { describe, expect, it } from "vitest";
import { factorBatch, processRoom, productBatch, roomFor, rowBatch } from "../../../src/analysis/run-sizes.ts";
import type { DeviceMemory } from "../../../src/gpu-setup/device-memory.ts";
import type { Network } from "../../../src/jacobian/network.ts";

const [MiB, GiB] = [2 ** 20, 2 ** 30];

const device = (free: number | null, shared = false): DeviceMemory => ({ free, total: 80 * GiB, shared, source: "a test" });

/** A network of which only the sizes are looked at. */
const network = (bytesPerSample: number, outputs: number, entries: number): Network => {
  const lowered: Partial<Network["lowered"]> = { parameters: [{ name: "w", shape: [entries], dtype: "float32" }] };
  const own: Partial<Network> = { bytesPerSample, outputs, lowered: lowered as Network["lowered"] };
  return own as Network;
};

const NETWORKS: readonly (readonly [string, Network])[] = [
  ["a small perceptron", network(3e3, 10, 3e5)], ["a wide perceptron", network(6e4, 10, 3.4e7)], ["ResNet-20", network(5e6, 10, 2.7e5)],
  ["ResNet-50 at 224", network(2.2e8, 1000, 2.5e7)], ["one layer with many outputs", network(1e4, 5000, 1e6)],
];
const FREE = [200 * MiB, 2 * GiB, 7 * GiB, 23 * GiB, 79 * GiB];
const LIMITS = [512 * MiB, 4 * GiB, 64 * GiB];

/** Samples times cotangents of one run in a process of 4 GiB. */
const factorRows = (own: Network, n: number): number => {
  const { batch, together } = factorBatch(own, n, undefined, processRoom(4 * GiB));
  return batch * together;
};

describe("the room of one run", () => {
  it.each<readonly [string, DeviceMemory | null]>([["no device", null], ["a device that does not tell what is free", device(null)], ["a device that shares the process' memory", device(6 * GiB, true)]])("with %s is the process': a sixteenth of what it may take, at most 256 MiB", (_, memory) => {
    for (const [limit, values] of [[512 * MiB, 32 * MiB], [4 * GiB, 256 * MiB], [64 * GiB, 256 * MiB]] as const) expect(roomFor(limit, memory)).toEqual({ values, rows: 4096, process: null });
  });

  it("on a device is a sixteenth of what is free, at most 4 GiB and a quarter of what the process may take", () => {
    for (const limit of LIMITS) for (const free of FREE) expect(roomFor(limit, device(free)).values).toBe(Math.min(free / 16, 4 * GiB, limit / 4));
  });
});

describe.each(NETWORKS)("batches of %s", (_, own) => {
  const n = 100_000;
  const runs = FREE.map((free) => roomFor(4 * GiB, device(free)));

  it("are those of the process where nothing is known of the device, and what was asked for where something was", () => {
    const [unknown, process] = [roomFor(4 * GiB, null), processRoom(4 * GiB)];
    expect([productBatch(own, n, undefined, unknown), factorBatch(own, n, undefined, unknown)]).toEqual([productBatch(own, n, undefined, process), factorBatch(own, n, undefined, process)]);
    for (const room of [...runs, process]) expect([productBatch(own, n, 7, room), factorBatch(own, n, 7, room).batch]).toEqual([7, 7]);
  });

  it.each([[200_000, 8, 8], [8, 8, 8], [5, 8, 5], [1, 8, 1], [64, 1, 2], [1, 1, 1]])("that are asked for are filled: --batch %d of %d samples is %d", (asked, samples, batch) => {
    for (const room of [...runs, processRoom(4 * GiB)]) {
      expect(productBatch(own, samples, asked, room)).toBe(batch);
      expect(factorBatch(own, samples, asked, room).batch).toBe(batch);
      expect(rowBatch(own, samples, 3e5, asked, room).batch).toBe(batch);
    }
  });

  it("grow with the memory of the device, and pass the process' where it has much", () => {
    const products = runs.map((room) => productBatch(own, n, undefined, room));
    expect([...products].sort((a, b) => a - b)).toEqual(products);
    const process = productBatch(own, n, undefined, processRoom(4 * GiB));
    if (process > 8) expect(products.at(-1)).toBeGreaterThan(process);
    const gradients = runs.map((room) => factorBatch(own, n, undefined, room)).map(({ batch, together }) => batch * together);
    expect(gradients.at(-1)).toBeGreaterThanOrEqual(0.7 * factorRows(own, n));
  });

  it("take no more than their share of it, but for a few samples in any case", () => {
    for (const room of runs) {
      const few = Math.max(10, (1.25 * room.values) / own.bytesPerSample);
      const { batch, together } = factorBatch(own, n, undefined, room);
      expect(productBatch(own, n, undefined, room)).toBeLessThanOrEqual(few);
      expect(batch * together).toBeLessThanOrEqual(Math.max(few, 2 * together));
    }
  });

  it("write no more gradients than the process takes, or than it would write itself", () => {
    const entries = 1e5;
    for (const room of runs) {
      const { batch, together } = rowBatch(own, n, entries, undefined, room);
      expect(batch * together === 1 || 8 * entries * batch * together <= Math.min(room.values, 256 * MiB)).toBe(true);
      const written = factorBatch(own, n, undefined, room);
      const [parameters] = own.lowered.parameters;
      const bytes = 4 * (parameters?.shape[0] ?? 0) * written.batch * written.together;
      expect(bytes <= 1.25 * 256 * MiB || written.batch * written.together <= Math.max(2 * written.together, 1.25 * factorRows(own, n))).toBe(true);
    }
  });
});
