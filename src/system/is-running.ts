/** Whether there is a process of this number, another user's too. @source kill(2): signal 0 is sent to nobody; EPERM says that it is another user's. */
export const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};
