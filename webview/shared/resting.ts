/** Something to do once what asks for it has come to rest. */
export interface Resting {
  /** Puts an action in the place of the one that waits. */
  later(action: () => void): void;
  /** Does what waits at once, if anything does. */
  now(): void;
}

/** Actions that wait for so many milliseconds without a newer one. */
export const resting = (milliseconds: number): Resting => {
  let waiting: (() => void) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = (): void => {
    const action = waiting;
    clearTimeout(timer);
    waiting = null;
    action?.();
  };
  return {
    later: (action) => {
      clearTimeout(timer);
      waiting = action;
      timer = setTimeout(now, milliseconds);
    },
    now,
  };
};
