/**
 * What Node and the system's loader say where ONNX Runtime's own library cannot be loaded: missing, of another system, damaged, or another one of
 * its name found first. A provider's libraries are loaded later, by ONNX Runtime, and said in its words.
 */
const SAID: readonly RegExp[] = [
  /ERR_DLOPEN_FAILED/,
  /symbol lookup error/,
  /(?:libonnxruntime\.so[\d.]*|onnxruntime_binding\.node): /,
  /required by \S*(?:libonnxruntime\.so|onnxruntime_binding\.node)/,
  /cannot find module '[^']*onnxruntime/i,
];

/** Whether a text says that ONNX Runtime itself cannot be loaded. */
export const failsToLoad = (text: string): boolean => SAID.some((pattern) => pattern.test(text));

/** The message of an error with Node's code, in which alone it says that a library was refused. */
export const withCode = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return !code.startsWith("ERR_") || error.message.includes(code) ? error.message : `${error.message} (${code})`;
};

/** What to do where `text` says that it cannot be loaded, by a process with that environment. */
export const libraryRemedy = (text: string, { LD_LIBRARY_PATH: searched }: Readonly<Record<string, string | undefined>>): string => {
  if (searched !== undefined && searched !== "") {
    return `LD_LIBRARY_PATH is ${searched}: what lies in these folders is loaded before ONNX Runtime's and the system's own libraries. Start without it, or take out the folder of the library that is named (in VS Code: jacobianLens.gpu.libraryFolders).`;
  }
  if (/GLIBC(?:XX)?_[\d.]+/.test(text)) return "This system's C and C++ libraries are older than those that ONNX Runtime was built for: use a newer system, or a container with one.";
  return "Install onnxruntime-node beside this program, on a platform it supports (x64 or arm64; glibc on Linux).";
};
