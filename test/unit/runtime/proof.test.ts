import { expect, it } from "vitest";
import { float32 } from "../../../src/core/tensor.ts";
import { writeModel } from "../../../src/onnx/write.ts";
import { isOutOfMemory } from "../../../src/runtime/memory-errors.ts";
import { openRuntime } from "../../../src/runtime/ort.ts";
import { ProofKeeper, readProfile } from "../../../src/runtime/proof.ts";
import { remedyFor } from "../../../src/runtime/remedies.ts";

const event = (name: string, provider: string, operator: string): unknown => ({ cat: "Node", name, args: { provider, op_name: operator } });

/** What ONNX Runtime writes: sessions, fences and kernels; only kernels are nodes. */
const PROFILE = JSON.stringify([
  { cat: "Session", name: "model_run", args: {} },
  event("fc|jl:MatMul_3_kernel_time", "CUDAExecutionProvider", "MatMul"),
  event("fc|jl:MatMul_3_fence_before", "CUDAExecutionProvider", "MatMul"),
  event("act|jl:Sign_4_kernel_time", "CPUExecutionProvider", "Sign"),
  event("Memcpy_token_1_kernel_time", "CUDAExecutionProvider", "MemcpyToHost"),
]);

it("a profile gives each node once, with the name that the user's model has for it", () => {
  expect(readProfile(PROFILE)).toEqual([
    { name: "fc", operator: "MatMul", provider: "CUDAExecutionProvider" },
    { name: "act", operator: "Sign", provider: "CPUExecutionProvider" },
    { name: "Memcpy_token_1", operator: "MemcpyToHost", provider: "CUDAExecutionProvider" },
  ]);
});

it("nodes are counted by provider, copies apart, and those that ran on the CPU are named", () => {
  const keeper = new ProofKeeper();
  expect(keeper.get()).toEqual({ nodes: null, copies: 0, fallback: { count: 0, nodes: [] }, host: [] });
  keeper.add(readProfile(PROFILE), false);
  keeper.add(readProfile(PROFILE), false);
  keeper.onHost("sums");
  expect(keeper.get()).toEqual({
    nodes: { CUDAExecutionProvider: 2, CPUExecutionProvider: 2 },
    copies: 2,
    fallback: { count: 2, nodes: [{ name: "act", operator: "Sign" }] },
    host: ["sums"],
  });
});

it("nodes without a name that ran on the CPU are told apart, and stand after the named ones", () => {
  const keeper = new ProofKeeper();
  const unnamed = (operator: string): string => JSON.stringify([event("|norm:made_kernel_time", "CPUExecutionProvider", operator)]);
  for (const profile of [unnamed("Cast"), unnamed("Cast"), PROFILE, PROFILE, unnamed("Mul"), unnamed("Cast")]) keeper.add(readProfile(profile), false);
  expect(keeper.get().fallback).toEqual({ count: 6, nodes: [{ name: "act", operator: "Sign" }, ...["Cast", "Cast", "Cast", "Mul"].map((operator) => ({ name: "", operator }))] });
});

it("on the CPU nothing has fallen back to it", () => {
  const keeper = new ProofKeeper();
  expect(keeper.add(readProfile(PROFILE), true)).toEqual([]);
  expect(keeper.get().fallback.count).toBe(0);
});

it("graphs of the CPU provider are not profiled: nothing else can run", async () => {
  const runtime = openRuntime("cpu", 1);
  const session = await runtime.load(writeModel({
    name: "product",
    nodes: [{ op: "Neg", domain: "", name: "negate", inputs: ["x"], outputs: ["y"], attributes: {} }],
    inputs: [{ name: "x", dtype: "float32", shape: [1] }], outputs: [{ name: "y", dtype: "float32", shape: [1] }], initializers: new Map(),
  }, new Map([["", 17]])), { place: "host", purpose: "sums" });
  await session.run({ x: float32([1], [1]) });
  await session.dispose();
  expect(runtime.proof()).toEqual({ nodes: null, copies: 0, fallback: { count: 0, nodes: [] }, host: [] });
});

it.each([
  ["Non-zero status code returned while running Conv node. Name:'c' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool) Failed to allocate memory for requested buffer of size 4294967296", true],
  ["CUDA failure 2: out of memory ; GPU=0 ; hostname=h ; file=cuda_allocator.cc", true],
  ["std::bad_alloc", true],
  ["[ShaderModule] Buffer size (4294967296) exceeds the max buffer size limit (2147483648).", true],
  ["8007000E Not enough memory resources are available to complete this operation.", true],
  ["Got invalid dimensions for input: x for the following indices", false],
  ["CUDA failure 209: no kernel image is available", false],
])("memory that ran out is told from other failures: %s", (message, expected) => {
  expect(isOutOfMemory(message)).toBe(expected);
});

it.each([
  ["cuda", "libonnxruntime_providers_shared.so: cannot open shared object file", /Set Up GPU/],
  ["cuda", "libcudnn.so.9: cannot open shared object file: No such file or directory", /cuDNN 9/],
  ["cuda", "libcublasLt.so.12: cannot open shared object file", /CUDA's run-time libraries/],
  ["cuda", "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version", /driver is older/],
  ["cuda", "CUDA failure 100: no CUDA-capable device is detected", /CUDA_VISIBLE_DEVICES/],
  ["cuda", "CUDA failure 101: invalid device ordinal", /counts from 0/],
  ["webgpu", "Failed to get a WebGPU adapter: No supported adapters", /libvulkan1/],
  ["webgpu", "only a software driver answers (SwiftShader)", /slower than the CPU provider/],
  ["webgpu", "the process was ended by SIGSEGV", /update/],
  ["webgpu", "The profile that tells what ran where cannot be written to the temporary folder /none: ENOENT: no such file or directory, mkdtemp.", /TMPDIR/],
  ["cpu", "the process was ended by SIGILL", /install onnxruntime-node anew/],
  ["dml", "no available backend found. ERR: [dml] backend not found", /Windows/],
  ["coreml", "no available backend found. ERR: [coreml] backend not found", /macOS/],
  ["cuda", "no available backend found. ERR: [cuda] backend not found", /Linux on x64/],
  ["webgpu", "no available backend found. ERR: [webgpu] backend not found", /not for this platform/],
  ["cpu", "/opt/libonnxruntime.so.1: file too short (ERR_DLOPEN_FAILED)", /LD_LIBRARY_PATH is|Install onnxruntime-node/],
  ["cuda", "the process ended with status 127 | node: symbol lookup error: /app/onnxruntime_binding.node: undefined symbol: OrtGetApiBase", /LD_LIBRARY_PATH is|Install onnxruntime-node/],
] as const)("what to do when %s says %s", (provider, reason, remedy) => {
  expect(remedyFor(provider, reason)).toMatch(remedy);
});

it("a reason that nobody knows has no remedy", () => {
  expect(remedyFor("cuda", "a strange day")).toBeNull();
});
