import { describe, expect, it } from "vitest";
import { Devices } from "../../../src/vscode/devices.ts";

describe("devices", () => {
  it("are told apart by provider and number; no number is the first", () => {
    const devices = new Devices();
    expect([devices.of({ provider: "cuda" }), devices.of({ provider: "cuda", deviceId: 0 }), devices.of({ provider: "cuda", deviceId: 1 }), devices.of({ provider: "cpu" })]).toEqual(["cuda", "cuda", "cuda 1", "cpu"]);
  });

  it("get their real name once it is known what auto comes to, each number for itself", () => {
    const devices = new Devices();
    expect([devices.of({}), devices.of({ provider: "auto", deviceId: 1 })]).toEqual(["auto", "auto 1"]);
    expect(devices.learn({}, "cpu")).toEqual({ from: "auto", to: "cpu" });
    expect([devices.of({}), devices.of({ deviceId: 1 })]).toEqual(["cpu", "auto 1"]);
  });

  it("follow auto when it comes to something else, without taking the other one's worker", () => {
    const devices = new Devices();
    devices.learn({}, "cpu");
    expect(devices.learn({}, "cuda")).toBeNull();
    expect(devices.of({})).toBe("cuda");
  });

  it("learn nothing from a provider asked for by name", () => {
    const devices = new Devices();
    expect(devices.learn({ provider: "cpu" }, "cpu")).toBeNull();
    expect(devices.of({})).toBe("auto");
  });
});
