// One process under test, from spawn to exit: wall, CPU and memory as the kernel sees them.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { highWaterBytes, ownSeconds, statOf } from './proc.ts';

export interface ChildRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Called every SAMPLE_MS while the child runs. */
  readonly onSample?: () => void;
  /** One line of stderr that was taken: it is not kept for the error text. */
  readonly onErrorLine?: (line: string) => boolean;
}

export interface ChildResult {
  readonly code: number | null;
  readonly stdout: string;
  /** The last lines. */
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly wallSeconds: number;
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
  /** 0 where /proc is missing. */
  readonly peakRssBytes: number;
}

const SAMPLE_MS = 20;
const KEPT_LINES = 8;

/** CPU of children that were waited for. Resolution is a tick, 10 ms. Nothing else of ours ends meanwhile. */
const reaped = (): { user: number; system: number } => {
  const stat = statOf('self');
  return { user: stat?.reapedUserSeconds ?? 0, system: stat?.reapedSystemSeconds ?? 0 };
};

export async function runChild(request: ChildRequest): Promise<ChildResult> {
  const before = reaped();
  const startedAt = performance.now();
  const child = spawn(request.command, [...request.args], {
    env: request.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid ?? 0;
  let peakRssBytes = 0;
  let sampledCpu = 0;
  let stdout = '';
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (request.onErrorLine?.(line) === true) return;
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
  });
  const sample = setInterval(() => {
    peakRssBytes = Math.max(peakRssBytes, highWaterBytes(pid) ?? 0);
    const stat = statOf(pid);
    if (stat !== null) sampledCpu = Math.max(sampledCpu, ownSeconds(stat));
    request.onSample?.();
  }, SAMPLE_MS);
  let timedOut = false;
  const late = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, request.timeoutMs);
  let wallSeconds = 0;
  let cpu = before;
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => {
        wallSeconds = (performance.now() - startedAt) / 1000;
        cpu = reaped();
      });
      child.once('close', (exit) => resolve(exit));
    });
    const user = cpu.user - before.user;
    const system = cpu.system - before.system;
    // Where the kernel does not account children, what was seen last is near enough.
    const known = user + system > 0;
    return {
      code,
      stdout,
      stderr: lines.join('\n'),
      timedOut,
      wallSeconds,
      cpuUserSeconds: known ? user : sampledCpu,
      cpuSystemSeconds: known ? system : 0,
      peakRssBytes,
    };
  } finally {
    clearInterval(sample);
    clearTimeout(late);
  }
}
