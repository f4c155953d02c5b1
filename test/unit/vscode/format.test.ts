import { describe, expect, it } from "vitest";
import { escapeMarkdown, formatAge, formatCount, formatNumber, formatShare, formatSize } from "../../../src/vscode/format.ts";

describe("texts for people", () => {
  it.each([[0, "0 byte"], [999, "999 byte"], [30_512, "30.5 kB"], [1_000_000, "1 MB"], [2.5e12, "2.5 TB"], [3e15, "3,000 TB"]])("a size of %d bytes", (bytes, text) => {
    expect(formatSize(bytes, "en")).toBe(text);
  });

  it.each([[0, "now"], [59_000, "now"], [60_000, "1 minute ago"], [7_300_000, "2 hours ago"], [86_400_000, "yesterday"], [40 * 86_400_000, "last month"], [-5000, "now"]])("an age of %d ms", (age, text) => {
    expect(formatAge(1e12 - age, 1e12, "en")).toBe(text);
  });

  it("numbers have four digits and an exponent only where it helps", () => {
    expect([81.8372, 0, 12_345, 7.654321e-3, 6.85e-5, 2.5e7].map((value) => formatNumber(value, "en"))).toEqual(["81.84", "0", "12,350", "0.007654", "6.85E-5", "2.5E7"]);
  });

  it("counts and shares follow the language", () => {
    expect([formatCount(7510, "en"), formatCount(7510, "de"), formatShare(0.72, "en"), formatShare(0.72, "de")]).toEqual(["7,510", "7.510", "0.720", "0,720"]);
  });

  it("text from files is shown as it is written, in tables too", () => {
    expect(escapeMarkdown("a_b|[x](command:y)\n<b>")).toBe("a\\_b\\|\\[x\\]\\(command:y\\) \\<b\\>");
  });
});
