import { describe, expect, it } from "vitest";
import { counted, formatCount, formatEditable, formatNumber, formatPercent, formatSeconds, formatShare, parseNumber, shortPath } from "../../../webview/shared/format.ts";

describe("a number for people", () => {
  it.each<[number | null, string]>([
    [null, "–"], [0, "0"], [-0, "0"], [1, "1.000"], [0.72402, "0.7240"], [46.358691, "46.36"], [6.86610778, "6.866"],
    [1234.5, "1235"], [12345.6, "12,350"], [269722, "269,700"], [999_960, "1.000×10⁶"], [-6.93e-7, "−6.930×10⁻⁷"], [0.00123456, "0.001235"],
    [0.00099996, "0.001000"], [0.00099994, "9.999×10⁻⁴"], [3e300, "3.000×10³⁰⁰"], [5e-324, "4.941×10⁻³²⁴"],
    [NaN, "not a number"], [Infinity, "∞"], [-Infinity, "−∞"],
  ])("%d reads %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it("has as many significant digits as asked for", () => {
    expect(formatNumber(Math.PI, 3)).toBe("3.14");
    expect(formatNumber(2.85e-2, 3)).toBe("0.0285");
  });
});

describe("a share", () => {
  it.each<[number | null, string]>([[1, "1.0000"], [0.60847, "0.6085"], [0.00012, "0.0001"], [0.00004, "4.00×10⁻⁵"], [0, "0"], [null, "–"]])("%d reads %s", (value, text) => {
    expect(formatShare(value)).toBe(text);
  });

  it.each<[number, string]>([[0.123456, "12.3 %"], [1, "100 %"], [0.9999, "100 %"], [0.9991, "99.9 %"], [0.00512, "0.51 %"], [0.00002, "< 0.01 %"], [0, "0.00 %"]])("%d is %s", (value, text) => {
    expect(formatPercent(value)).toBe(text);
  });
});

describe("counts and times", () => {
  it.each<[number, string]>([[0, "0"], [2000, "2000"], [10000, "10,000"], [269722, "269,722"], [-1234567, "−1,234,567"]])("%d is counted as %s", (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  it.each<[number, string]>([[0.0384, "38 ms"], [1.2375, "1.24 s"], [12.34, "12.3 s"], [59.97, "1 min 00 s"], [245, "4 min 05 s"], [7620, "2 h 07 min"]])("%d seconds are %s", (value, text) => {
    expect(formatSeconds(value)).toBe(text);
  });

  it("uses the singular for one only", () => {
    expect([counted(1, "sample"), counted(0, "sample"), counted(12000, "sample")]).toEqual(["1 sample", "0 samples", "12,000 samples"]);
  });
});

describe("a text field's number", () => {
  it.each<[number, string]>([[6.86610778, "6.866"], [50, "50"], [1e-9, "1e-9"], [7.635e11, "7.635e11"], [0, "0"], [0.00052341, "5.234e-4"]])("%d is put in as %s", (value, text) => {
    expect(formatEditable(value)).toBe(text);
  });

  it.each<[string, number | null]>([[" 6.866 ", 6.866], ["1e-3", 1e-3], ["1.6×10⁻⁷", 1.6e-7], ["1.6 x 10^-7", 1.6e-7], ["−3", -3], ["0,5", 0.5], ["6,866", 6.866], ["10,000", 10000], ["1,234,567.5", 1234567.5], ["", null], ["abc", null], ["Infinity", null], ["1e999", null]])("“%s” is understood", (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });

  it.each([1, 6.866, 1e-9, 7.635e11, 0.0123, 12350])("%d survives being shown and typed again", (value) => {
    expect(parseNumber(formatEditable(value))).toBe(value);
    expect(parseNumber(formatNumber(value))).toBe(value);
  });
});

it("a path keeps its last parts, with either kind of slash", () => {
  expect(shortPath("/home/anna/runs/clean/net.onnx")).toBe("…/clean/net.onnx");
  expect(shortPath("C:\\runs\\clean\\net.onnx")).toBe("…/clean/net.onnx");
  expect(shortPath("net.onnx")).toBe("net.onnx");
});
