// A smaller footer for the same file: the same schema, fewer row groups. Everything that is kept is kept byte by byte,
// so decoders see exactly what the writer wrote.
import type { Extent, FooterLayout } from './metadata.ts';
import { T, ThriftWriter } from './thrift.ts';

export interface FooterParts {
  /** The footer, or just its beginning up to the end of what `layout` names before the row groups. */
  readonly bytes: (extent: Extent) => Uint8Array;
  readonly length: number;
  readonly layout: FooterLayout;
}

/** `groups`: thrift structs of the row groups to keep; `rowCount`: their rows. */
export function projectFooter(
  parts: FooterParts,
  groups: readonly Uint8Array[],
  rowCount: number,
): Uint8Array {
  const { layout, length } = parts;
  const out = new ThriftWriter();
  const replaceRows = (): void => {
    out.int(rowCount);
  };
  const replaceGroups = (): void => {
    out.list(T.struct, groups.length);
    for (const group of groups) out.raw(group);
  };
  // fields may come in any order: replace the two where they are
  const edits = [
    { at: layout.rowCount, write: replaceRows },
    { at: layout.rowGroups, write: replaceGroups },
  ].sort((a, b) => a.at.start - b.at.start);
  let from = 0;
  for (const edit of edits) {
    out.raw(parts.bytes({ start: from, end: edit.at.start }));
    edit.write();
    from = edit.at.end;
  }
  return out.raw(parts.bytes({ start: from, end: length })).finish();
}

/** For a footer that is in memory as a whole. */
export const wholeFooter = (footer: Uint8Array, layout: FooterLayout): FooterParts => ({
  bytes: ({ start, end }) => footer.subarray(start, end),
  length: footer.length,
  layout,
});
