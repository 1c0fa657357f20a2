// In place of node:child_process, which takes 3 ms to load: commander could start subcommands that are programs of
// their own, and there are none.
export const spawn = (): never => {
  throw new Error('nothing in the bundle starts a process');
};
