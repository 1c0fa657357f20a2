// A whole file from a server that gives no parts of it, in a temporary file that is gone with the process, whatever ends it.
import { closeSync, existsSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParloadError } from '../../errors/index.ts';
import { openLocal } from '../local/local-object.ts';
import type { Call, Caller } from '../remote/caller.ts';
import type { AnswerHead, Receiver } from '../remote/exchange.ts';
import type { StoredObject } from '../storage.ts';

/** A file that has no name any more can still be opened by this one, by all threads of the process. */
const nameOf = (descriptor: number): string => `/proc/self/fd/${descriptor}`;

export class SpoolFile {
  readonly #descriptor: number;
  /** Null where the file needs no name. */
  readonly #folder: string | null;
  readonly path: string;

  private constructor(descriptor: number, folder: string, path: string) {
    this.#descriptor = descriptor;
    if (existsSync(nameOf(descriptor))) {
      unlinkSync(path);
      rmSync(folder, { recursive: true });
      this.#folder = null;
      this.path = nameOf(descriptor);
    } else {
      this.#folder = folder;
      this.path = path;
      process.on('exit', this.#remove);
    }
  }

  static async make(): Promise<SpoolFile> {
    const folder = await mkdtemp(join(tmpdir(), 'parload-spool-'));
    const path = join(folder, 'file');
    return new SpoolFile(openSync(path, 'wx+', 0o600), folder, path);
  }

  write(bytes: Uint8Array, at: number): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, at + done);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
    process.off('exit', this.#remove);
    this.#remove();
  }

  readonly #remove = (): void => {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  };
}

/** Writes a body into the file, from its start again with each attempt. */
class SpoolBody implements Receiver {
  readonly #file: SpoolFile;
  readonly #uri: string;
  #expected: number | null = null;
  received = 0;

  constructor(file: SpoolFile, uri: string) {
    this.#file = file;
    this.#uri = uri;
  }

  begin({ status, headers }: AnswerHead): boolean {
    if (status !== 200) return false;
    this.received = 0;
    this.#expected = headers['content-length'] === undefined ? null : Number(headers['content-length']);
    return true;
  }

  take(chunk: Uint8Array): void {
    try {
      this.#file.write(chunk, this.received);
    } catch (cause) {
      throw new ParloadError('SOURCE_UNREADABLE', `${this.#uri} cannot be copied to ${tmpdir()}`, {
        where: { input: this.#uri },
        cause,
        retryable: false,
        hint: 'Is there room for the whole file? TMPDIR names another folder.',
      });
    }
    this.received += chunk.length;
  }

  get isComplete(): boolean {
    return this.#expected === null || this.#expected === this.received;
  }
}

/** The file is closed on error; otherwise it is the caller's. */
export async function spool(caller: Caller, call: Call): Promise<SpoolFile> {
  const file = await SpoolFile.make();
  try {
    const body = new SpoolBody(file, call.uri);
    await caller.request(() => call, body);
    if (body.isComplete) return file;
    throw new ParloadError('SOURCE_UNREADABLE', `${call.uri}: the server sent only a part of the file`, {
      where: { input: call.uri },
    });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The copy, under the name of what was copied. */
export async function openSpooled(path: string, uri: string): Promise<StoredObject> {
  const object = await openLocal(path);
  return {
    uri,
    sizeBytes: object.sizeBytes,
    version: object.version,
    read: (start, end) => object.read(start, end),
    readInto: (start, into) => object.readInto(start, into),
    verify: () => object.verify(),
    close: () => object.close(),
  };
}
