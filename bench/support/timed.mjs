/** What a piece of work gives, and the seconds that it took. */
export const timed = async (work) => {
  const start = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - start) / 1000 };
};
