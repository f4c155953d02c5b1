const isPlain = (value: unknown): boolean => value === null || typeof value !== "object";

/** JSON with two spaces of indentation in which arrays of numbers take one line. Ends with a line feed. */
export const toJson = (value: unknown): string => {
  const write = (part: unknown, indent: string): string => {
    if (isPlain(part)) return JSON.stringify(part);
    const inner = `${indent}  `;
    if (Array.isArray(part)) {
      if (part.every(isPlain)) return JSON.stringify(part);
      return `[\n${part.map((item) => inner + write(item, inner)).join(",\n")}\n${indent}]`;
    }
    const fields = Object.entries(part as object).filter(([, field]) => field !== undefined);
    if (fields.length === 0) return "{}";
    return `{\n${fields.map(([key, field]) => `${inner}${JSON.stringify(key)}: ${write(field, inner)}`).join(",\n")}\n${indent}}`;
  };
  return `${write(value, "")}\n`;
};
