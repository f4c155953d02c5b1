/** What a piece of work gives, the seconds that it took, and those of processor time of this process, all threads together. */
export const timed = async (work) => {
  const start = performance.now();
  const used = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(used);
  return { value, seconds: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
};
