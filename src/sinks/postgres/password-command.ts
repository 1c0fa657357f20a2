// A password from a program: a secrets manager, a token service. Asked once a run, before anything else is done.
import { spawnSync } from 'node:child_process';
import { ParloadError } from '../../errors/index.ts';

/** It may ask a server, and even a person. */
const TIMEOUT_MS = 60_000;

/**
 * The first line that the command prints. Blocks. Neither the command, which may hold a token of its own, nor what it
 * printed is ever repeated; what it has to say to people goes to stderr by itself.
 */
export function askPasswordCommand(command: string): string {
  const { status, signal, error, stdout } = spawnSync(command, {
    shell: true,
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  const refuse = (why: string, hint: string): ParloadError =>
    new ParloadError('CONFIG_INVALID', `--password-command ${why}`, {
      where: { option: 'passwordCommand' },
      hint,
    });
  const alone = 'Try the command by itself in this shell: its first line must be the password.';
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT') {
    throw refuse(`was not done after ${TIMEOUT_MS / 1000} s`, alone);
  }
  if (error !== undefined) throw refuse('could not be run', alone);
  if (status !== 0) throw refuse(`ended with ${status ?? signal}`, alone);
  const password = stdout.split(/\r?\n/, 1)[0]!;
  if (password === '') throw refuse('printed nothing', alone);
  return password;
}
