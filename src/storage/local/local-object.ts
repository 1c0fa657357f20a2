// A local file as random-access bytes. Reads are positional, so slices of one file may share it.
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { ParloadError } from '../../errors/index.ts';
import type { StoredObject } from '../storage.ts';
import { fsError } from './fs-error.ts';
import { localPath } from './path.ts';

/** One read call asks for at most this many bytes: Linux stops at 2 GiB - 4 KiB, and libuv takes an int. */
const MAX_READ_BYTES = 1 << 30;

/** Modification time, size and inode: a rewrite in place changes the first two, a replacement the last. */
const versionOf = (s: BigIntStats): string =>
  `${s.mtimeNs.toString(36)}-${s.size.toString(36)}-${s.ino.toString(36)}`;

export async function openLocal(uri: string): Promise<StoredObject> {
  const path = localPath(uri);
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, 'r');
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) {
      const [what, hint] = stats.isDirectory()
        ? ['is a folder', `Name files in it, as ${path}/*.parquet.`]
        : [
            'is not a regular file',
            'Parquet is read from its end, so pipes and devices cannot be sources; save it as a file first.',
          ];
      throw new ParloadError('SOURCE_UNREADABLE', `${path} ${what}`, {
        where: { input: path },
        retryable: false,
        hint,
      });
    }
    return new LocalObject(path, handle, Number(stats.size), versionOf(stats));
  } catch (error) {
    await handle?.close();
    throw fsError(path, error);
  }
}

class LocalObject implements StoredObject {
  readonly uri: string;
  readonly sizeBytes: number;
  readonly version: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle, sizeBytes: number, version: string) {
    this.uri = path;
    this.sizeBytes = sizeBytes;
    this.version = version;
    this.#handle = handle;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    this.#check(start, end);
    // not from Buffer's pool: the bytes may live long and go into caches
    const bytes = new Uint8Array(end - start);
    await this.readInto(start, bytes);
    return bytes;
  }

  async readInto(start: number, into: Uint8Array): Promise<void> {
    this.#check(start, start + into.length);
    let at = 0;
    while (at < into.length) {
      const wanted = Math.min(into.length - at, MAX_READ_BYTES);
      const got = await this.#handle
        .read(into, at, wanted, start + at)
        .then((result) => result.bytesRead)
        .catch((error: unknown) => {
          throw fsError(this.uri, error);
        });
      if (got === 0) throw this.#changed('is shorter than it was');
      at += got;
    }
  }

  #check(start: number, end: number): void {
    if (!(start >= 0 && start <= end && end <= this.sizeBytes)) {
      throw new ParloadError(
        'PARQUET_CORRUPT',
        `bytes ${start} to ${end} are outside of ${this.uri}, which has ${this.sizeBytes} bytes`,
        { where: { input: this.uri } },
      );
    }
  }

  async verify(): Promise<void> {
    // the path and not the descriptor: it sees a rewrite in place and a replacement with one call
    const stats = await stat(this.uri, { bigint: true }).catch((error: unknown) => {
      const seen = fsError(this.uri, error);
      throw seen.code === 'SOURCE_NOT_FOUND' ? this.#changed('was removed', error) : seen;
    });
    if (versionOf(stats) !== this.version) throw this.#changed('was modified');
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #changed(how: string, cause?: unknown): ParloadError {
    return new ParloadError('SOURCE_CHANGED', `${this.uri} ${how} since it was opened`, {
      where: { input: this.uri },
      cause,
    });
  }
}
