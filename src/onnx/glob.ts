/** A glob over names as a test: `*` any run of characters, `?` one character; everything else stands for itself. */
export const glob = (pattern: string): ((name: string) => boolean) => {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`, "s");
  return (name) => expression.test(name);
};
