import { describe, expect, it } from "vitest";
import type { PlanView } from "../../../src/protocol/plan-view.ts";
import type { RuntimeView } from "../../../src/protocol/runtime-view.ts";
import { methodDetails, methodRows, methodText } from "../../../webview/lens/model/method.ts";
import { runtimeDetails, runtimeNotices, runtimeText } from "../../../webview/lens/model/runtime.ts";
import { formatBytes } from "../../../webview/shared/format.ts";
import { exampleView } from "./example-view.ts";

const gpu: RuntimeView = {
  provider: "webgpu", adapter: { name: "NVIDIA H100", software: false }, memory: null, nodes: { WebGpuExecutionProvider: 50, CPUExecutionProvider: 4 }, copies: 6,
  fallback: { count: 4, nodes: [{ name: "pool1", operator: "MaxPool" }, { name: "act", operator: "Sign" }, { name: "pool2", operator: "MaxPool" }] },
  host: ["sums in float64"], tf32: false, refused: [], precision: "single", onnxruntime: "1.30.0",
};

const plan: PlanView = {
  chosen: "krylov", because: "JJᵀ would need 3.2 GB", limit: 2 ** 31,
  methods: [
    { method: "gram", flops: 1e12, memory: 3.2e9, seconds: 61, returns: "all singular values", fits: false, why: "needs 2.98 GiB of 2 GiB" },
    { method: "krylov", flops: 1e11, memory: 300 * 2 ** 20, seconds: 7.2, returns: "the leading 100 and the density", fits: true, why: null },
    { method: "rows", flops: null, memory: null, seconds: null, returns: "all singular values", fits: false, why: null },
  ],
};

describe("where it ran", () => {
  it("is said with device and nodes on the CPU", () => {
    expect(runtimeText(gpu)).toBe("WebGPU (NVIDIA H100), single precision, 4 nodes on the CPU");
    expect(runtimeText(exampleView().facts.runtime)).toBe("CPU, single precision");
  });

  it("warns of nodes that fell back, by operator, each by name", () => {
    const [notice] = runtimeNotices(gpu);
    expect(notice?.message).toBe("4 of 54 nodes ran on the CPU, not on WebGPU: MaxPool (2), Sign and more.");
    expect(notice?.hint).toContain("6 values copied");
    expect(notice?.cases).toEqual([["operator", "node"], ["MaxPool", "pool1"], ["Sign", "act"], ["MaxPool", "pool2"], ["…", "and 1 more"]]);
  });

  it("warns of software that stands in for a GPU and of rounded products, and of nothing else", () => {
    expect(runtimeNotices({ ...gpu, fallback: null, adapter: { name: "SwiftShader", software: true }, tf32: true }).map((notice) => notice.code)).toEqual(["RUNTIME_SOFTWARE", "RUNTIME_TF32"]);
    expect(runtimeNotices({ ...gpu, fallback: { count: 0, nodes: [] } })).toEqual([]);
    expect(runtimeNotices(exampleView().facts.runtime)).toEqual([]);
  });

  it("lists nodes by provider under the providers' own names, and TF32 for CUDA only", () => {
    expect(runtimeDetails(gpu)).toContainEqual(["Nodes by provider", "WebGPU 50, CPU 4"]);
    expect(runtimeDetails(gpu)).toContainEqual(["On the CPU on purpose", "sums in float64"]);
    expect(runtimeDetails(gpu).some(([name]) => name === "TF32")).toBe(false);
    expect(runtimeDetails({ ...gpu, provider: "cuda" })).toContainEqual(["TF32", "off: products have the full 23 bits of mantissa"]);
  });

  it("says what memory the device had, and the batches taken for it", () => {
    const memory = { free: 75 * 2 ** 30, total: 80 * 2 ** 30, shared: false, source: "nvidia-smi, GPU 0 (NVIDIA H100)", run: 2 ** 30, batch: { products: 1500, gradients: 40 } };
    const shown = (changes: Partial<typeof memory> | { readonly free: null }): string | undefined => runtimeDetails({ ...gpu, memory: { ...memory, ...changes } }).find(([name]) => name === "Device memory")?.[1];
    expect(shown({})).toBe("75 GiB of 80 GiB free (nvidia-smi, GPU 0 (NVIDIA H100)); batches of 1500 samples, 40 where gradients are written");
    expect(shown({ free: null })).toMatch(/^80 GiB in all \(nvidia-smi/);
    expect(runtimeDetails(gpu).some(([name]) => name === "Device memory")).toBe(false);
  });

  it("is known from results of earlier versions as far as they say", () => {
    const [, , nodes] = runtimeDetails(exampleView().facts.runtime);
    expect(nodes).toEqual(["Nodes by provider", "all on the CPU"]);
  });
});

describe("the method", () => {
  const facts = exampleView().facts;

  it.each<[string, string]>([["gram", "Gram matrix, exact"], ["rows", "rows of J, exact"], ["krylov", "block Krylov, leading values certified"], ["sketch", "random sketch, a preview"], ["new-one", "new-one"]])("%s is called: %s", (method, text) => {
    expect(methodText({ method, exact: method === "gram" || method === "rows", complete: false })).toBe(text);
  });

  it("comes with the reason, the estimate beside the time it took, and what the store gave", () => {
    const details = methodDetails({ facts: { ...facts, method: "krylov", exact: false, plan, products: 2658, reused: { samples: 150, computed: 50 } }, density: null });
    expect(details).toContainEqual(["Chosen", "JJᵀ would need 3.2 GB"]);
    expect(details).toContainEqual(["Expected", "about 7.20 s, 300 MiB of 2 GiB allowed; it took 1.24 s in all"]);
    expect(details).toContainEqual(["Gram matrix", "150 samples from the store, 50 computed"]);
  });

  it("is listed beside the others with what they would have cost, or why they could not be used", () => {
    expect(methodRows({ plan })).toEqual([
      { name: "Gram matrix", ran: false, seconds: "1 min 01 s", memory: "2.98 GiB", returns: "all singular values", why: "needs 2.98 GiB of 2 GiB" },
      { name: "block Krylov", ran: true, seconds: "7.20 s", memory: "300 MiB", returns: "the leading 100 and the density", why: "" },
      { name: "rows of J", ran: false, seconds: "–", memory: "–", returns: "all singular values", why: "does not fit" },
    ]);
    expect(methodRows({ plan: null })).toEqual([]);
  });
});

it.each<[number, string]>([[0, "0 bytes"], [1023, "1020 bytes"], [1024, "1 KiB"], [1.5 * 2 ** 30, "1.5 GiB"], [2 ** 60, "1050000 TiB"]])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
