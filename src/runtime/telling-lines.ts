const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** What Mesa's Vulkan layer says on every computer without a desktop; it is no reason. */
const NOISE = "XDG_RUNTIME_DIR is invalid";

/** A line without time stamp and places in ONNX Runtime's source. */
export const bareLine = (line: string): string =>
  line
    .replace(/^\d{4}-\d\d-\d\d \S+ \[[A-Z]:[^\]]*\] /, "")
    .replace(/^\/\S+\.(?:cc|cpp|h):\d+ .*?(?:(?=\[ONNXRuntimeError\])| was false\. )/, "")
    .replace(/\[ONNXRuntimeError\] : \d+ : \w+ : /, "")
    .trim();

/** The lines of a standard error that name a cause, without colours, time stamps and places in ONNX Runtime's source. */
export const tellingLines = (text: string): string[] => {
  const lines = text.replace(COLOURS, "").split(/\r?\n/).map(bareLine);
  const telling = lines.filter((line) => /error|fail|cannot|could not|unable|not found|no such|unsupported|required|abort|terminate/i.test(line) && !line.startsWith("at ") && !line.includes(NOISE));
  return [...new Set(telling)].slice(0, 6);
};
