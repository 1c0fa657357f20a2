import { readFileSync } from 'node:fs';

/**
 * Most resident memory of this process so far, in bytes. From the kernel where it tells: `maxRSS` also counts what the
 * process that started this one held at that moment.
 */
export function peakRssBytes(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line !== null) return Number(line[1]) * 1024;
  } catch {
    // not Linux
  }
  return process.resourceUsage().maxRSS * 1024;
}
