// A smaller footer for the same file: the same schema, fewer row groups. Everything that is kept is kept byte by byte,
// so decoders see exactly what the writer wrote.
import type { Extent, FooterLayout } from './metadata.ts';
import { T, ThriftWriter } from './thrift.ts';

export interface FooterParts {
  /** Parts of the footer; only those outside of `layout.rowGroups` are asked for. */
  readonly bytes: (extent: Extent) => Uint8Array;
  readonly length: number;
  readonly layout: FooterLayout;
}

export interface KeptGroups {
  /** Thrift structs of the row groups, one behind the other. */
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly rowCount: number;
}

export const NO_GROUPS: KeptGroups = { bytes: new Uint8Array(0), count: 0, rowCount: 0 };

export function projectFooter(parts: FooterParts, groups: KeptGroups): Uint8Array {
  const { layout, length } = parts;
  const out = new ThriftWriter();
  const replaceRows = (): void => {
    out.int(groups.rowCount);
  };
  const replaceGroups = (): void => {
    out.list(T.struct, groups.count).raw(groups.bytes);
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
