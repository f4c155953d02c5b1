import { describe, expect, it } from "vitest";
import { CANCELLED, LensError, cancelled, fromWire, isCancelled, throwIfAborted, toLensError, toWire } from "../../../src/core/errors.ts";

const error = new LensError("MODEL_TRUNCATED", "net.onnx ends after 17 bytes", "Copy the file again.", { cause: new Error("eof") });

describe("an error of ours", () => {
  it("is an Error with code, message, hint and cause", () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "LensError", code: "MODEL_TRUNCATED", message: "net.onnx ends after 17 bytes", hint: "Copy the file again." });
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("crosses a wire as plain data and comes back as itself", () => {
    const wire = toWire(error);
    const back = fromWire(structuredClone(wire));
    expect(back).toBeInstanceOf(LensError);
    expect(back).toMatchObject({ code: error.code, message: error.message, hint: error.hint });
    expect(JSON.parse(JSON.stringify(wire))).toEqual(wire);
    expect(toWire(back)).toEqual(wire);
  });

  it("carries the stack of what caused it", () => {
    expect(toWire(error).stack).toContain("eof");
    expect(toWire(new LensError("A", "b", "c")).stack).toContain("LensError");
  });

  it("comes back without a stack of its own making when none was sent", () => {
    expect(fromWire({ code: "A", message: "b", hint: "c" })).toMatchObject({ code: "A", message: "b", hint: "c" });
  });

  it("stays the same object when it is converted again", () => {
    expect(toLensError(error)).toBe(error);
  });
});

describe("a foreign error", () => {
  it.each([2 ** 52, 2 ** 53 - 1])("of an array of %d numbers, which no machine has room for, is one of memory", (length) => {
    const make = (): unknown => {
      try {
        return new Float64Array(length);
      } catch (thrown) {
        return thrown;
      }
    };
    expect(toLensError(make())).toMatchObject({ code: "MEMORY", message: expect.stringContaining("room for another array") as string });
  });

  it("of an array of a negative length is a defect", () => {
    expect(toLensError(new RangeError("Invalid typed array length: -1")).code).toBe("INTERNAL");
  });

  it.each<[string, unknown, string]>([
    ["an Error", new TypeError("x is not a function"), "x is not a function"],
    ["a text", "broken", "broken"],
    ["nothing", undefined, "undefined"],
    ["null", null, "null"],
  ])("%s becomes INTERNAL with its own message kept", (_, thrown, message) => {
    const converted = toLensError(thrown);
    expect(converted).toMatchObject({ code: "INTERNAL", message });
    expect(converted.hint).toContain("report");
    expect(converted.cause).toBe(thrown);
    expect(toWire(thrown)).toMatchObject({ code: "INTERNAL", message });
  });

  it("keeps its own stack on the wire", () => {
    const foreign = new TypeError("inner");
    expect(toWire(foreign).stack).toBe(foreign.stack);
  });
});

describe("cancelling", () => {
  it("is told apart from errors, ours and the platform's", () => {
    expect(isCancelled(cancelled())).toBe(true);
    expect(isCancelled(new DOMException("stop", "AbortError"))).toBe(true);
    expect(isCancelled(AbortSignal.abort().reason)).toBe(true);
    expect(isCancelled(fromWire(toWire(cancelled())))).toBe(true);
    expect(isCancelled(error)).toBe(false);
    expect(isCancelled("CANCELLED")).toBe(false);
  });

  it("becomes CANCELLED, never INTERNAL", () => {
    expect(toLensError(new DOMException("stop", "AbortError")).code).toBe(CANCELLED);
  });

  it("throws between pieces of work once the signal is aborted, and only then", () => {
    const controller = new AbortController();
    expect(() => throwIfAborted(undefined)).not.toThrow();
    expect(() => throwIfAborted(controller.signal)).not.toThrow();
    controller.abort();
    expect(() => throwIfAborted(controller.signal)).toThrow(LensError);
  });
});
