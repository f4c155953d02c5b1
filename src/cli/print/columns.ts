/** Lines of cells set in columns, two spaces apart; `right`: columns that stand on the right. Cells hold no colours. */
export const columns = (rows: readonly (readonly string[])[], right: readonly number[] = []): string[] => {
  const length = (text: string): number => Array.from(text).length;
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, length(cell))));
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const space = " ".repeat((widths[i] ?? 0) - length(cell));
        return right.includes(i) ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd());
};
