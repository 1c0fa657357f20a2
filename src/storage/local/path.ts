import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ParloadError } from '../../errors/index.ts';

const notFound = (uri: string, why: string, cause?: unknown): ParloadError =>
  new ParloadError('SOURCE_NOT_FOUND', `"${uri}" ${why}`, { where: { input: uri }, cause });

/** A plain path or `file://` URI as an absolute path. Links are kept: the path is part of an input's identity. */
export function localPath(uri: string): string {
  let path = uri;
  if (/^file:\/\//i.test(uri)) {
    try {
      path = fileURLToPath(uri);
    } catch (error) {
      throw notFound(uri, 'is not a file URI of this machine; write file:///absolute/path', error);
    }
  }
  if (path === '') throw notFound(uri, 'is an empty path');
  if (path.includes('\0')) throw notFound(uri.replaceAll('\0', '\\0'), 'holds a zero byte');
  return isAbsolute(path) ? resolve('/', path) : resolve(path);
}
