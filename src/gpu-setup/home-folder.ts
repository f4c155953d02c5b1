import { homedir } from "node:os";

/** The user's home folder; "" where there is none: in a container a user may have neither HOME nor an entry among the system's users, and Node throws. */
export const homeFolder = (): string => {
  try {
    return homedir();
  } catch {
    return "";
  }
};
