// The built command beside the built bench, and what its `plan` says: facts of inputs, and the DDL of a table.
import { fileURLToPath } from 'node:url';
import { ParloadError } from '../src/errors/index.ts';
import type { JobPlan } from '../src/model/index.ts';
import { runChild } from './measure/child.ts';

/** dist/bench/plan.js -> bin/parload.js */
export const PARLOAD = fileURLToPath(new URL('../../bin/parload.js', import.meta.url));

const TIMEOUT_MS = 10 * 60_000;

/** The user's own settings must not decide what is measured. Connections keep theirs (PG*). */
export function cleanEnv(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(PARLOAD_.*|NODE_OPTIONS|NODE_TEST_CONTEXT|NODE_V8_COVERAGE)$/.test(name),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

/** `parload plan ...args --json`, in a process of its own: the bench itself must stay small. */
export async function planCopy(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<JobPlan> {
  const { code, stdout, stderr } = await runChild({
    command: process.execPath,
    args: [PARLOAD, 'plan', ...args, '--json'],
    env: cleanEnv(env),
    timeoutMs: TIMEOUT_MS,
  });
  if (code !== 0) throw new ParloadError('USAGE', `parload plan failed: ${stderr}`);
  return JSON.parse(stdout) as JobPlan;
}
