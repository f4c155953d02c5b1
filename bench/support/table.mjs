/** A row of a Markdown table. */
export const row = (...cells) => `| ${cells.join(" | ")} |`;

/** The head of one. */
export const heading = (...cells) => `${row(...cells)}\n${row(...cells.map(() => "---"))}`;

/** A number with so many decimals; an en dash where there is none. */
export const fixed = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
