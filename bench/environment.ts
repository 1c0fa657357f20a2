// The machine, the code and the server that figures belong to.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../src/report/bench/results.ts';
import { memoryLimitBytes } from '../src/runtime/index.ts';

function git(root: string, ...args: string[]): string | null {
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

function commitOf(root: string): string | null {
  const commit = git(root, 'rev-parse', '--short=10', 'HEAD');
  if (commit === null || commit === '') return null;
  return git(root, 'status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}+`;
}

export function describeEnvironment(root: string, postgres: Environment['postgres']): Environment {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return {
    type: 'environment',
    startedAt: new Date().toISOString(),
    parload: version,
    gitCommit: commitOf(root),
    node: process.version,
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: Math.min(totalmem(), memoryLimitBytes()),
    kernel: `${type()} ${release()}`,
    loadBefore: loadavg()[0] ?? 0,
    postgres,
  };
}
