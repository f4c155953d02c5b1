import path from "node:path";

/** A path or bare file name ending in .onnx, and where it stands in its line: characters [start, end). */
export interface FoundPath {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Characters looked at on either side of the cursor: lines of minified JSON may be megabytes long. */
const REACH = 1024;

/** The ending, not followed by what would make it another name: "net.onnx." ends a sentence, "net.onnx.data" and "net.onnx_old" are others. */
const ENDING = String.raw`\.onnx(?![\w-]|\.\w)`;

/** Forms in order of preference: in quotes or angle brackets (spaces allowed), a Markdown link's target, bare. The first group is the path. */
const FORMS: readonly RegExp[] = [
  new RegExp(String.raw`"([^"\n]*?${ENDING})"`, "gi"),
  new RegExp(String.raw`'([^'\n]*?${ENDING})'`, "gi"),
  new RegExp(String.raw`\`([^\`\n]*?${ENDING})\``, "gi"),
  new RegExp(String.raw`<([^<>\n]*?${ENDING})>`, "gi"),
  new RegExp(String.raw`\]\(([^()\n]*?${ENDING})[^()\n]*\)`, "gi"),
  new RegExp(String.raw`((?:[a-z]:(?=[\\/])|file://)?(?:\$\{\w+\}|[^\s"'\`()\[\]{}<>,;=|:*?$])+?${ENDING})`, "gi"),
];

/** The .onnx path that covers a character of a line, or null. Cost: bounded, whatever the line's length. */
export const onnxPathAt = (line: string, character: number): FoundPath | null => {
  const offset = Math.max(0, character - REACH);
  const piece = line.slice(offset, character + REACH);
  const cursor = character - offset;
  for (const form of FORMS) {
    for (const match of piece.matchAll(form)) {
      const text = match[1] ?? "";
      const start = match.index + match[0].indexOf(text);
      if (start <= cursor && cursor <= start + text.length) return { text, start: offset + start, end: offset + start + text.length };
    }
  }
  return null;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const expanded = (text: string, home: string, root: string | undefined): string =>
  text.replace(/^file:\/\/(?:localhost)?/i, "").replace(/^~(?=[\\/])/, home).replace(/^\$\{workspace(?:Folder|Root)\}[\\/]?/, root === undefined ? "" : `${root}/`).replace(/^\.[\\/]/, "");

export interface Places {
  /** Folder of the document; null for one that is not on disk. */
  readonly document: string | null;
  readonly roots: readonly string[];
  /** "" where there is none: a path below it is then no file's. */
  readonly home: string;
}

/**
 * Full paths a written path may mean, best first: relative to the document, then to each workspace root; a percent-encoded one also decoded.
 */
export const candidatePaths = (text: string, { document, roots, home }: Places): readonly string[] => {
  const homeless = home === "" && /^~[\\/]/.test(text);
  const written = [...new Set(homeless ? [] : [text, decoded(text)])].map((form) => expanded(form.replaceAll("\\", "/"), home, roots[0]));
  const bases = [...(document === null ? [] : [document]), ...roots];
  return [...new Set(written.flatMap((form) => (path.isAbsolute(form) ? [path.normalize(form)] : bases.map((base) => path.join(base, form)))))];
};

/** Of known files, those that end in the written path, whole folder names compared; nearest to the document first. */
export const filesEndingIn = (text: string, files: readonly string[], document: string | null): readonly string[] => {
  const tail = expanded(decoded(text).replaceAll("\\", "/"), "", undefined).split("/").filter((part) => part !== "" && part !== "." && part !== "..");
  const distance = (file: string): number => (document === null ? file.length : path.relative(document, file).split(/[\\/]/).length);
  return files
    .filter((file) => tail.every((part, i) => file.split(/[\\/]/).at(i - tail.length) === part))
    .sort((a, b) => distance(a) - distance(b) || a.localeCompare(b));
};
