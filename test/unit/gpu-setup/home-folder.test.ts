import { describe, expect, it, vi } from "vitest";
import { homeFolder } from "../../../src/gpu-setup/home-folder.ts";
import { sitePackages } from "../../../src/gpu-setup/library-folders.ts";
import { nodeMachine } from "../../../src/gpu-setup/node-machine.ts";
import { findVulkan } from "../../../src/gpu-setup/vulkan.ts";
import { machineOf } from "./trees.ts";

/** What Node does for a user id without an entry in /etc/passwd, where HOME is not set either. */
vi.mock("node:os", async (original) => ({
  ...(await original<object>()),
  homedir: () => { throw new Error("A system error occurred: uv_os_homedir returned ENOENT (no such file or directory)"); },
}));

describe("a user without a home", () => {
  it("has a machine all the same", () => {
    expect([homeFolder(), nodeMachine().home]).toEqual(["", ""]);
  });

  it("has no folders below it: not those of the root folder instead", async () => {
    const files = { "/.local/lib/python3.11/site-packages/x": "", "/.config/vulkan/icd.d/a.json": '{ "ICD": { "library_path": "libvulkan_lvp.so" } }' };
    expect(await sitePackages(machineOf({ files, home: "" }))).toEqual([]);
    expect((await findVulkan(machineOf({ files, home: "" }), new Map())).drivers).toEqual([]);
  });
});
