// Ctrl-C: once to finish what is in flight, twice to stop at once.
import type { RunControl } from '../coordinator/control.ts';

const INTERRUPTED = 130;
/** After the second Ctrl-C: how long an orderly end may take, in ms. */
const PATIENCE_MS = 3000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Before the load begins nothing needs an orderly end, so the first signal ends the process.
 * Returns the way to stop listening.
 */
export function onSignals(control: RunControl, loading: () => boolean): () => void {
  const handle = (): void => {
    if (!loading()) process.exit(INTERRUPTED);
    control.stop();
    if (control.level === 2) setTimeout(() => process.exit(INTERRUPTED), PATIENCE_MS).unref();
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle);
  };
}
