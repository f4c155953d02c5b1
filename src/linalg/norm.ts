/** The Euclidean norm of a vector in parts. */
export const norm = (parts: readonly ArrayLike<number>[]): number => {
  let squares = 0;
  for (const part of parts) {
    let sum = 0;
    for (let i = 0; i < part.length; i++) sum += (part[i] ?? 0) ** 2;
    squares += sum;
  }
  return Math.sqrt(squares);
};
