// Ready-made rows of binary COPY: the file that the floor sends, and where in it rows end.
import { closeSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { COPY_HEADER, COPY_TRAILER } from '../../src/encoders/pg-copy-binary/index.ts';

export interface CopyFileIndex {
  readonly rowCount: number;
  /** Bytes of rows, without header and trailer. */
  readonly rowBytes: number;
  /** Positions in the file between two rows, ascending: the first row's start first, the last row's end last. */
  readonly edges: readonly number[];
}

export const indexPath = (path: string): string => `${path}.json`;

export const readCopyIndex = (path: string): CopyFileIndex =>
  JSON.parse(readFileSync(indexPath(path), 'utf8')) as CopyFileIndex;

/** Writes whole rows. The file and its index appear when both are complete. */
export class CopyFileWriter {
  readonly #path: string;
  readonly #part: string;
  readonly #fd: number;
  readonly #edges: number[] = [COPY_HEADER.length];
  #rows = 0;
  #end = COPY_HEADER.length;

  constructor(path: string) {
    this.#path = path;
    this.#part = `${path}.${process.pid}.part`;
    this.#fd = openSync(this.#part, 'w');
    writeSync(this.#fd, COPY_HEADER);
  }

  add(bytes: Uint8Array, rows: number): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#end += bytes.length;
    this.#rows += rows;
  }

  /** Between two rows: connections may be divided here. */
  edge(): void {
    if (this.#end > this.#edges.at(-1)!) this.#edges.push(this.#end);
  }

  close(): void {
    this.edge();
    writeSync(this.#fd, COPY_TRAILER);
    closeSync(this.#fd);
    const index: CopyFileIndex = {
      rowCount: this.#rows,
      rowBytes: this.#end - COPY_HEADER.length,
      edges: this.#edges,
    };
    writeFileSync(indexPath(this.#path), JSON.stringify(index));
    renameSync(this.#part, this.#path);
  }
}

export interface Part {
  readonly start: number;
  readonly end: number;
}

/** About equal parts, one a connection, each of whole rows; fewer when there are not enough edges. */
export function divide({ edges }: CopyFileIndex, connections: number): Part[] {
  const first = edges[0]!;
  const last = edges.at(-1)!;
  const parts: Part[] = [];
  let start = first;
  for (let i = 1; i <= connections && start < last; i++) {
    const wanted = first + ((last - first) * i) / connections;
    const end = i === connections ? last : edges.find((edge) => edge >= wanted && edge > start)!;
    parts.push({ start, end });
    start = end;
  }
  return parts;
}
