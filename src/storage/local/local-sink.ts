// A new local file: written beside its place, and moved there when it is complete.
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import { ParloadError } from '../../errors/index.ts';
import type { ByteSink, KnownObject } from '../storage.ts';
import { errnoOf } from './fs-error.ts';
import { openLocal } from './local-object.ts';
import { localPath } from './path.ts';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is a file',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder',
};

const writeError = (path: string, error: unknown): ParloadError => {
  const errno = errnoOf(error);
  return new ParloadError(
    'FILE_UNWRITABLE',
    `cannot write ${path}: ${WORDS[errno] ?? (errno || 'it failed')}`,
    {
      cause: error,
    },
  );
};

export async function createLocal(uri: string): Promise<ByteSink> {
  const path = localPath(uri);
  // in the same folder, so that moving it is one step
  const draft = `${path}.${process.pid}.part`;
  try {
    // a folder would be found only when everything is written
    if ((await stat(path).catch(() => null))?.isDirectory() === true)
      throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    return new LocalSink(path, draft, await open(draft, 'w'));
  } catch (error) {
    throw writeError(path, error);
  }
}

class LocalSink implements ByteSink {
  readonly uri: string;
  readonly #draft: string;
  readonly #handle: FileHandle;
  #open = true;

  constructor(path: string, draft: string, handle: FileHandle) {
    this.uri = path;
    this.#draft = draft;
    this.#handle = handle;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; )
        at += (await this.#handle.write(bytes, at, bytes.length - at)).bytesWritten;
    } catch (error) {
      throw writeError(this.uri, error);
    }
  }

  async finish(): Promise<KnownObject> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      this.#open = false;
      await rename(this.#draft, this.uri);
    } catch (error) {
      throw writeError(this.uri, error);
    }
    const object = await openLocal(this.uri);
    await object.close();
    return { sizeBytes: object.sizeBytes, version: object.version };
  }

  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close().catch(() => undefined);
    await unlink(this.#draft).catch(() => undefined);
  }
}
