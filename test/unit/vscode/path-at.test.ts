import { describe, expect, it } from "vitest";
import { candidatePaths, filesEndingIn, onnxPathAt } from "../../../src/vscode/hover/path-at.ts";

/** Each line has the cursor at "^", which is taken out; the text expected to be found stands beside it. */
const found: readonly (readonly [string, string, string])[] = [
  ["a YAML value", "model: runs/clean/st^ep_1.onnx", "runs/clean/step_1.onnx"],
  ["a bare file name", "see ne^t.onnx", "net.onnx"],
  ["its first character", "model: ^net.onnx # x", "net.onnx"],
  ["its last character", "model: net.onn^x", "net.onnx"],
  ["a JSON string with spaces", '{ "model": "my models/a ne^t.onnx" }', "my models/a net.onnx"],
  ["a Python string", "session = load('../net^.onnx', 3)", "../net.onnx"],
  ["a TOML value", 'path="a/b^.onnx"', "a/b.onnx"],
  ["a Markdown link's target", "[the model](models/my%20n^et.onnx)", "models/my%20net.onnx"],
  ["Markdown code", "run `x/ne^t.onnx` now", "x/net.onnx"],
  ["the end of a sentence", "This is ne^t.onnx.", "net.onnx"],
  ["an assignment in plain text", "--model=a/ne^t.onnx", "a/net.onnx"],
  ["a list without spaces", "[a.onnx,b^.onnx]", "b.onnx"],
  ["a Windows path", "model: C:\\runs\\ne^t.onnx", "C:\\runs\\net.onnx"],
  ["a file URL", "see file:///tmp/ne^t.onnx", "file:///tmp/net.onnx"],
  ["a variable of VS Code", '"${workspaceFolder}/ne^t.onnx"', "${workspaceFolder}/net.onnx"],
  ["a bare variable of VS Code", "${workspaceFolder}/ne^t.onnx", "${workspaceFolder}/net.onnx"],
  ["capital letters", "NE^T.ONNX", "NET.ONNX"],
  ["a key that is glued to it", "model:ne^t.onnx", "net.onnx"],
];

const nothing: readonly (readonly [string, string])[] = [
  ["another word of the line", "mod^el: net.onnx"],
  ["weights beside a model", "net.onnx.da^ta"],
  ["a module's name", "import onnx^runtime"],
  ["a longer ending", "net.onn^x_old"],
  ["an empty line", "^"],
  ["the ending alone in prose", "the ONN^X format"],
];

const split = (marked: string): [string, number] => [marked.replace("^", ""), marked.indexOf("^")];

describe("the path under the cursor", () => {
  it.each(found)("is found in %s", (_, marked, text) => {
    const [line, cursor] = split(marked);
    const path = onnxPathAt(line, cursor);
    expect(path?.text).toBe(text);
    expect(line.slice(path?.start, path?.end)).toBe(text);
  });

  it.each(nothing)("is not found in %s", (_, marked) => {
    expect(onnxPathAt(...split(marked))).toBeNull();
  });

  it("takes no time on a line of megabytes", () => {
    const line = `${"a/b.onnx ".repeat(300_000)}"c d.onnx"${"x".repeat(3_000_000)}`;
    const before = performance.now();
    expect(onnxPathAt(line, 300_000 * 9 + 4)?.text).toBe("c d.onnx");
    expect(onnxPathAt("x".repeat(3_000_000), 1_500_000)).toBeNull();
    expect(performance.now() - before).toBeLessThan(50);
  });
});

describe("what a written path may mean", () => {
  const places = { document: "/ws/conf", roots: ["/ws", "/other"], home: "/home/me" };

  it.each([
    ["net.onnx", ["/ws/conf/net.onnx", "/ws/net.onnx", "/other/net.onnx"]],
    ["./net.onnx", ["/ws/conf/net.onnx", "/ws/net.onnx", "/other/net.onnx"]],
    ["../net.onnx", ["/ws/net.onnx", "/net.onnx"]],
    ["/abs/./net.onnx", ["/abs/net.onnx"]],
    ["~/net.onnx", ["/home/me/net.onnx"]],
    ["file:///abs/net.onnx", ["/abs/net.onnx"]],
    ["${workspaceFolder}/net.onnx", ["/ws/net.onnx"]],
    ["runs\\net.onnx", ["/ws/conf/runs/net.onnx", "/ws/runs/net.onnx", "/other/runs/net.onnx"]],
  ])("%s", (text, expected) => {
    expect(candidatePaths(text, places)).toEqual(expected);
  });

  it("a path below the home of a user who has none means no file", () => {
    expect(candidatePaths("~/net.onnx", { ...places, home: "" })).toEqual([]);
    expect(candidatePaths("net.onnx", { ...places, roots: [], home: "" })).toEqual(["/ws/conf/net.onnx"]);
  });

  it("a percent-encoded path is tried as written and decoded", () => {
    expect(candidatePaths("a%20b.onnx", { ...places, roots: [] })).toEqual(["/ws/conf/a%20b.onnx", "/ws/conf/a b.onnx"]);
    expect(candidatePaths("100%.onnx", { ...places, roots: [] })).toEqual(["/ws/conf/100%.onnx"]);
  });

  it("a document that is not on disk has the workspace's roots only", () => {
    expect(candidatePaths("net.onnx", { ...places, document: null })).toEqual(["/ws/net.onnx", "/other/net.onnx"]);
  });

  it("files are found by their last folders, the nearest first", () => {
    const files = ["/ws/a/runs/net.onnx", "/ws/conf/runs/net.onnx", "/ws/other/net.onnx", "/ws/conf/bruns/net.onnx"];
    expect(filesEndingIn("runs/net.onnx", files, "/ws/conf")).toEqual(["/ws/conf/runs/net.onnx", "/ws/a/runs/net.onnx"]);
    expect(filesEndingIn("../net.onnx", files, null)).toHaveLength(4);
    expect(filesEndingIn("none.onnx", files, null)).toEqual([]);
  });
});
