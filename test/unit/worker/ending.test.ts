import { describe, expect, it } from "vitest";
import { endedError, hungError, type Ending } from "../../../src/worker/ending.ts";

const GiB = 2 ** 30;
const ended = (ending: Partial<Ending>) => endedError({ code: null, signal: null, tail: [], held: null, machine: 16 * GiB, environment: {}, ...ending });

/** The last lines of real processes: V8 at its heap limit, a C++ exception nobody caught, ONNX Runtime, and Python's wording of malloc's. */
const V8 = [
  "<--- Last few GCs --->",
  "[3418:0x5f0] 1234 ms: Mark-sweep 18.0 (20.1) -> 17.9 (20.3) MB, 12.1 / 0.0 ms  (average mu = 0.1, current mu = 0.0) allocation failure; scavenge might not succeed",
  "<--- JS stacktrace --->",
  "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  ...Array.from({ length: 20 }, (_, i) => ` ${i + 1}: 0xb8ced1 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]`),
];

describe("the error of a worker that ended", () => {
  it.each<[string, Partial<Ending>, RegExp]>([
    ["V8", { signal: "SIGABRT", tail: V8 }, /SIGABRT.*\nFATAL ERROR: Reached heap limit/s],
    ["C++", { signal: "SIGABRT", tail: ["terminate called after throwing an instance of 'std::bad_alloc'", "  what():  std::bad_alloc"] }, /bad_alloc/],
    ["ONNX Runtime", { code: 1, tail: ["[E:onnxruntime:, sequential_executor.cc:572] Failed to allocate memory for requested buffer of size 4194304"] }, /exit status 1/],
    ["the system", { code: 1, tail: ["spawn ENOMEM"] }, /ENOMEM/],
  ])("is one of memory where %s says so, with the lines that do and without stacks", (_, ending, message) => {
    const error = ended(ending);
    expect([error.code, error.message.includes("0xb8ced1")]).toEqual(["WORKER_MEMORY", false]);
    expect(error.message).toMatch(message);
    expect(error.hint).toContain("fewer samples");
  });

  it("calls a kill without words what it is, with what the process held of the machine's memory", () => {
    const error = ended({ signal: "SIGKILL", held: 14.96 * GiB });
    expect(error.code).toBe("WORKER_CRASH");
    expect(error.message).toBe("The worker process was killed from outside, perhaps for memory: it ended by signal SIGKILL before it answered. It held 15.0 of this machine's 16.0 GiB of memory when last heard of.");
    expect(error.hint).toBe("The next analysis starts a fresh worker. If the machine was short of memory: analyze fewer samples or fewer parameters, or lower the memory setting (--memory on the command line).");
  });

  it("is one of a missing runtime where that could not be loaded, and names the folders that were searched first", () => {
    const tail = ["Error: /opt/old/libonnxruntime.so.1: file too short", "    at Module._extensions..node (node:internal/modules/cjs/loader:1460:18) {", "  code: 'ERR_DLOPEN_FAILED'", "}"];
    const error = ended({ code: 1, tail, environment: { LD_LIBRARY_PATH: "/opt/old" } });
    expect([error.code, error.message.includes("/opt/old/libonnxruntime.so.1: file too short")]).toEqual(["RUNTIME_MISSING", true]);
    expect(error.hint).toContain("LD_LIBRARY_PATH is /opt/old");
    expect(ended({ code: 1, tail }).hint).toContain("Install onnxruntime-node");
    expect(ended({ code: 127, tail: ["node: symbol lookup error: /app/onnxruntime_binding.node: undefined symbol: OrtGetApiBase"] }).code).toBe("RUNTIME_MISSING");
    expect(ended({ signal: "SIGSEGV", tail }).code).toBe("WORKER_CRASH");
  });

  it("ends with the last lines, at most twelve", () => {
    const error = ended({ signal: "SIGSEGV", tail: Array.from({ length: 40 }, (_, i) => `line ${i}`) });
    expect(error.message.split("\n")).toEqual(["The worker process ended by signal SIGSEGV before it answered. Its last lines:", ...Array.from({ length: 12 }, (_, i) => `line ${28 + i}`)]);
  });

  it("names the time and the work of one that hung", () => {
    const error = hungError(120, "Gram tile 3/15");
    expect(error.code).toBe("WORKER_HANG");
    expect(error.message).toContain('no sign of life for 120 s while it was at "Gram tile 3/15"');
  });
});
