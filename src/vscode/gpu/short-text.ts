/** Asides in brackets, innermost first. */
const withoutAsides = (text: string): string => {
  const shorter = text.replace(/ ?\([^()]*\)/g, "");
  return shorter === text ? text : withoutAsides(shorter);
};

/** "missing a, b and 3 more": as many of a list as find room, at least one. */
const shortList = (items: readonly string[], most: number): string => {
  const first = (count: number): string => `${items.slice(0, count).join(", ")} and ${items.length - count} more`;
  const counts = items.map((_, index) => index + 1).slice(0, -1);
  return first(counts.findLast((count) => first(count).length <= most) ?? 1);
};

/**
 * What a finding or an advice says, in at most about `most` characters: the row of a quick pick cuts off what is longer, most often before
 * the point. Left out are asides in brackets, the lines after the first (" | "), the folder that was searched, and what follows a clause; the report has it all.
 */
export const shortened = (text: string, most: number): string => {
  const core = (withoutAsides(text).split(" | ")[0] ?? "").replace(/ in \/\S+$/, "");
  if (core.length <= most) return core;
  if (core.startsWith("missing ") && core.includes(", ")) return shortList(core.split(", "), most);
  const ends = [...core.matchAll(/[;:,] /g)].map(({ index }) => index).filter((index) => index < most);
  const end = ends.at(-1) ?? core.lastIndexOf(" ", most - 1);
  return `${core.slice(0, end > 0 ? end : most - 1)}…`;
};
