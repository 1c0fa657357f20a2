// What the file system says, in our words. Classified by errno, never by text.
import { ParloadError } from '../../errors/index.ts';

const WORDS: Record<string, string> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of the path is a file',
  ELOOP: 'is a loop of symbolic links',
  ENAMETOOLONG: 'is longer than the file system allows',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a folder',
  EMFILE: 'cannot be opened: this process has too many open files',
  ENFILE: 'cannot be opened: the system has too many open files',
};

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);
const DENIED = new Set(['EACCES', 'EPERM']);

export const errnoOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

export function fsError(path: string, error: unknown): ParloadError {
  if (ParloadError.is(error)) return error;
  const errno = errnoOf(error);
  const code = MISSING.has(errno)
    ? 'SOURCE_NOT_FOUND'
    : DENIED.has(errno)
      ? 'SOURCE_DENIED'
      : 'SOURCE_UNREADABLE';
  const words = WORDS[errno] ?? `cannot be read${errno === '' ? '' : ` (${errno})`}`;
  return new ParloadError(code, `${path} ${words}`, {
    where: { input: path },
    cause: error,
    // a folder or a bad path stays one; an I/O error may pass
    ...(errno === 'EISDIR' ? { retryable: false } : {}),
  });
}
