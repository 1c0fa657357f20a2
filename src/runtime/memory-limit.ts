// How much memory this process may take: the machine's, or its cgroup's when that is less.
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const CGROUP_FILES = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];

const readLimit = (path: string): number => {
  try {
    const limit = Number(readFileSync(path, 'utf8').trim());
    return Number.isFinite(limit) && limit > 0 ? limit : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};

/** Own cgroup v2 path first: inside a container it is the root, on a host with systemd it is a slice. */
const ownCgroupFiles = (): string[] => {
  try {
    const line = readFileSync('/proc/self/cgroup', 'utf8')
      .split('\n')
      .find((l) => l.startsWith('0::'));
    const path = line?.slice(3).trim();
    if (path === undefined || path === '/') return [];
    const parts = path.split('/').filter(Boolean);
    return parts.map((_, i) => `/sys/fs/cgroup/${parts.slice(0, parts.length - i).join('/')}/memory.max`);
  } catch {
    return [];
  }
};

/** Bytes; the least of machine memory and every cgroup limit above this process. */
export function memoryLimitBytes(): number {
  return Math.min(totalmem(), ...[...ownCgroupFiles(), ...CGROUP_FILES].map(readLimit));
}
