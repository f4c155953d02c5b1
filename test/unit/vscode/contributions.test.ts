import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import manifest from "../../../package.json";
import { COMMANDS, CONTEXT_KEYS, EXTENSION_ID, HOVER_LANGUAGES, LENS_PANEL, SETTINGS, SETTINGS_SECTION, VIEW_CONTAINER, VIEWS } from "../../../src/vscode/contributions.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { contributes } = manifest;
const sorted = (values: Iterable<string>): string[] => [...values].sort();
const text = JSON.stringify(contributes);

describe("the manifest and the code", () => {
  it("name the same extension, commands, views and settings", () => {
    expect(`${manifest.publisher}.${manifest.name}`).toBe(EXTENSION_ID);
    expect(sorted(contributes.commands.map(({ command }) => command))).toEqual(sorted(Object.values(COMMANDS)));
    expect(Object.keys(contributes.views)).toEqual([VIEW_CONTAINER]);
    expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual([VIEW_CONTAINER]);
    expect(sorted(contributes.views.jacobianLens.map(({ id }) => id))).toEqual(sorted(Object.values(VIEWS)));
    expect(sorted(Object.keys(contributes.configuration.properties))).toEqual(sorted(Object.values(SETTINGS).map((key) => `${SETTINGS_SECTION}.${key}`)));
  });

  it("activate on the hover's languages and on a restored panel, and on nothing else", () => {
    expect(sorted(manifest.activationEvents)).toEqual(sorted([...HOVER_LANGUAGES.map((language) => `onLanguage:${language}`), `onWebviewPanel:${LENS_PANEL}`]));
  });

  it("use no id of ours in menus, conditions or links that does not exist", () => {
    const known = new Set<string>([...Object.values(COMMANDS), ...Object.values(VIEWS), ...Object.values(CONTEXT_KEYS), ...Object.keys(contributes.configuration.properties), "jacobianLens.start"]);
    const used = [...text.matchAll(/\bjacobianLens\.[\w.]+/g)].map(([id]) => id.replace(/\.focus$/, "").replace(/\.$/, ""));
    expect(used.filter((id) => !known.has(id))).toEqual([]);
  });
});

describe("the manifest", () => {
  it("gives every command the category", () => {
    expect(contributes.commands.filter(({ category }) => category !== "Jacobian Lens")).toEqual([]);
  });

  it("describes every setting", () => {
    expect(Object.entries(contributes.configuration.properties).filter(([, { markdownDescription }]) => markdownDescription.length < 20)).toEqual([]);
    const { enum: values, enumDescriptions, enumItemLabels } = contributes.configuration.properties["jacobianLens.cutoff.rule"];
    expect([enumDescriptions.length, enumItemLabels.length]).toEqual([values.length, values.length]);
  });

  it("has a welcome text for the empty view, trusted or not", () => {
    expect(sorted(contributes.viewsWelcome.map(({ view, when }) => `${view} ${when}`))).toEqual(["jacobianLens.results !isWorkspaceTrusted", "jacobianLens.results isWorkspaceTrusted"]);
  });

  it("names only files that are there, and every picture of media is used", () => {
    const named = [manifest.icon, ...[...text.matchAll(/media\/[\w/-]+\.\w+/g)].map(([file]) => file)];
    expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
    const walkthrough = readdirSync(path.join(root, "media/walkthrough")).map((file) => `media/walkthrough/${file}`);
    expect(walkthrough.filter((file) => !named.includes(file))).toEqual([]);
  });

  it("runs where the files are, says what trust changes, and why there must be files", () => {
    expect(manifest.extensionKind).toEqual(["workspace"]);
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    expect(untrustedWorkspaces.supported).toBe("limited");
    expect(virtualWorkspaces.supported).toBe(false);
    expect(contributes.commands.filter(({ command }) => command.includes("nalyze")).map((command) => command.enablement)).toEqual(["isWorkspaceTrusted", "isWorkspaceTrusted"]);
    expect(untrustedWorkspaces.restrictedConfigurations.filter((key) => !(key in contributes.configuration.properties))).toEqual([]);
  });

  it("keeps the walkthrough's pictures to the theme's colours", () => {
    for (const { media } of contributes.walkthroughs.flatMap(({ steps }) => steps)) {
      const colours = readFileSync(path.join(root, media.svg), "utf8").matchAll(/(?:fill|stroke)="([^"]+)"/g);
      expect([...colours].map(([, colour]) => colour).filter((colour) => colour !== "none" && !colour?.startsWith("var(--vscode-"))).toEqual([]);
    }
  });
});
