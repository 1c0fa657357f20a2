// What /proc says about processes. On other systems than Linux everything is null, and figures come from reports alone.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessStat {
  readonly parent: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** Of children that ended and were waited for, and of theirs. */
  readonly reapedUserSeconds: number;
  readonly reapedSystemSeconds: number;
}

const text = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

let ticks = 0;

/** Clock ticks a second, the unit of CPU times in /proc. */
function ticksPerSecond(): number {
  if (ticks === 0) {
    try {
      ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) || 100;
    } catch {
      ticks = 100;
    }
  }
  return ticks;
}

export function statOf(pid: number | 'self'): ProcessStat | null {
  // Asking for it runs a program, whose own time must not be in what is read next.
  ticksPerSecond();
  const line = text(`/proc/${pid}/stat`);
  if (line === null) return null;
  // The name is in brackets and may hold anything, brackets and spaces included.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const time = (index: number): number => Number(fields[index]) / ticksPerSecond();
  return {
    parent: Number(fields[1]),
    userSeconds: time(11),
    systemSeconds: time(12),
    reapedUserSeconds: time(13),
    reapedSystemSeconds: time(14),
  };
}

export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      (text(`/proc/${pid}/task/${task}/children`) ?? '').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

export const commandOf = (pid: number): string | null =>
  text(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? null;

/** High-water mark of resident memory, in bytes; null when the process has none any more. */
export function highWaterBytes(pid: number): number | null {
  const match = /^VmHWM:\s+(\d+) kB/m.exec(text(`/proc/${pid}/status`) ?? '');
  return match === null ? null : Number(match[1]) * 1024;
}

export const ownSeconds = (stat: ProcessStat): number => stat.userSeconds + stat.systemSeconds;

/** CPU that the whole machine has used so far, all processes, stolen time included; null where it does not say. */
export function machineSeconds(): number | null {
  const line = text('/proc/stat')?.split('\n', 1)[0];
  if (line === undefined) return null;
  // cpu user nice system idle iowait irq softirq steal; guest times are within user and nice
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond();
}
