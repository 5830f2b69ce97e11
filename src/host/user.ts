import { userInfo } from 'node:os';

/** Name of the person at this machine, for the history. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'user'; // a container may run under a number that has no name
  }
}
