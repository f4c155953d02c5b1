import { expect, it } from "vitest";
import { LensError } from "../../../src/core/errors.ts";
import { failsToLoad, libraryRemedy, withCode } from "../../../src/core/library-failure.ts";

const OLD_GLIBC = "/lib/x86_64-linux-gnu/libm.so.6: version `GLIBC_2.38' not found (required by /app/node_modules/onnxruntime-node/bin/libonnxruntime.so.1)";

it.each([
  ["no such library", "libonnxruntime.so.1: cannot open shared object file: No such file or directory", true],
  ["a damaged one", "/opt/libonnxruntime.so.1: file too short", true],
  ["one for another processor", "/app/onnxruntime_binding.node: cannot open shared object file: wrong ELF class (ERR_DLOPEN_FAILED)", true],
  ["one of another version", "node: symbol lookup error: /app/onnxruntime_binding.node: undefined symbol: OrtGetApiBase", true],
  ["an older system", OLD_GLIBC, true],
  ["no package", "Cannot find module 'onnxruntime-node'", true],
  ["a provider's library", "Failed to load library /app/libonnxruntime_providers_shared.so with error: libonnxruntime_providers_shared.so: cannot open shared object file", false],
  ["a library of CUDA", "libcudnn.so.9: cannot open shared object file: No such file or directory", false],
  ["a native stack", "#3 0x7f00 in /app/libonnxruntime.so.1+0x1234", false],
  ["another module", "Cannot find module './pipeline.ts'", false],
])("that ONNX Runtime cannot be loaded is told from other failures: %s", (_, text, expected) => {
  expect(failsToLoad(text)).toBe(expected);
});

it("the code of an error, in which alone Node says that a library was refused, is part of what it says", () => {
  expect(withCode(Object.assign(new Error("file too short"), { code: "ERR_DLOPEN_FAILED" }))).toBe("file too short (ERR_DLOPEN_FAILED)");
  expect(withCode(Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" }))).toBe("ENOENT: no such file");
  expect(withCode(new LensError("RUNTIME_LOAD", "refused", "Do not."))).toBe("refused");
  expect([withCode(new Error("plain")), withCode("text")]).toEqual(["plain", "text"]);
});

it("what is searched first is named first, then an old system", () => {
  expect(libraryRemedy(OLD_GLIBC, { LD_LIBRARY_PATH: "/conda/lib" })).toContain("LD_LIBRARY_PATH is /conda/lib");
  expect(libraryRemedy(OLD_GLIBC, { LD_LIBRARY_PATH: "" })).toContain("newer system");
  expect(libraryRemedy("file too short", {})).toContain("Install onnxruntime-node");
});
