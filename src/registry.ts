// Which connector serves a URI. Manifests are eager (pure data); modules load when they are needed.
import { ParloadError } from './errors/index.ts';
import type { ConnectorManifest, SinkModule, SourceModule, TransformModule } from './model/index.ts';
import {
  sinkLoaders,
  sinkManifests,
  sourceLoaders,
  sourceManifests,
  transformLoaders,
} from './registry.gen.ts';
import { didYouMean, redactUri } from './runtime/index.ts';

export { sinkManifests, sourceManifests };

type Loaders<M> = Record<string, (() => Promise<M>) | undefined>;

/** What a path without scheme and without a known ending is: a folder, a glob or an oddly named file. */
const PLAIN_PATH_SOURCE = 'parquet';

const load = async <M>(what: string, table: Loaders<M>, kind: string): Promise<M> => {
  const loader = Object.hasOwn(table, kind) ? table[kind] : undefined;
  if (loader === undefined) {
    throw new ParloadError(
      'CONNECTOR_UNKNOWN',
      `there is no ${what} of kind "${kind}"; known: ${Object.keys(table).join(', ')}`,
    );
  }
  return loader();
};

// Options were validated by the module's own schema before they reach it, so the erased type is safe here and nowhere else.
export const sinkModule = (kind: string): Promise<SinkModule> =>
  load('sink', sinkLoaders as unknown as Loaders<SinkModule>, kind);
export const sourceModule = (kind: string): Promise<SourceModule> =>
  load('source', sourceLoaders as unknown as Loaders<SourceModule>, kind);
export const transformModule = (kind: string): Promise<TransformModule> =>
  load('transform', transformLoaders as unknown as Loaders<TransformModule>, kind);

/** Scheme of a URI in lower case; null for a path. One letter is a Windows drive. */
export const schemeOf = (uri: string): string | null =>
  /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase() ?? null;

const byScheme = (manifests: readonly ConnectorManifest[], scheme: string): string | null =>
  manifests.find((m) => m.schemes.includes(scheme))?.kind ?? null;

const byExtension = (manifests: readonly ConnectorManifest[], uri: string): string | null => {
  const path = uri.toLowerCase();
  return manifests.find((m) => m.extensions.some((end) => path.endsWith(end)))?.kind ?? null;
};

const known = (manifests: readonly ConnectorManifest[]): string =>
  manifests
    .map((m) => {
      const names = [...m.schemes.map((s) => `${s}:`), ...m.extensions.map((e) => `*${e}`)];
      return `${m.kind} (${names.join(' ')})`;
    })
    .join(', ');

/** Where files may be that are not on this machine. */
const REMOTE = new Set([
  's3',
  's3a',
  'gs',
  'oss',
  'az',
  'abfs',
  'abfss',
  'hdfs',
  'http',
  'https',
  'ftp',
  'sftp',
]);

const schemesOf = (manifests: readonly ConnectorManifest[]): string[] => manifests.flatMap((m) => m.schemes);

export function sourceKindOf(uri: string): string {
  const scheme = schemeOf(uri);
  if (scheme === null) return byExtension(sourceManifests, uri) ?? PLAIN_PATH_SOURCE;
  const kind = byScheme(sourceManifests, scheme);
  if (kind !== null) return kind;
  throw new ParloadError(
    'CONNECTOR_UNKNOWN',
    `no source reads ${redactUri(uri)}; known sources: ${known(sourceManifests)}`,
    REMOTE.has(scheme)
      ? { hint: 'Files are read from the disks of this machine only, so far: download them first.' }
      : {},
  );
}

export function sinkKindOf(uri: string): string {
  const scheme = schemeOf(uri);
  const kind = scheme === null ? byExtension(sinkManifests, uri) : byScheme(sinkManifests, scheme);
  if (kind !== null) return kind;
  const near = scheme === null ? '' : didYouMean(scheme, schemesOf(sinkManifests));
  throw new ParloadError(
    'CONNECTOR_UNKNOWN',
    `no sink writes to ${redactUri(uri)}${near}; known sinks: ${known(sinkManifests)}`,
    { hint: 'The sink comes last, as postgres://user@host/db, or null: to try the reading alone.' },
  );
}
