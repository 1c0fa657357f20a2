// A job as a YAML file: ${env:X} filled in, and every value's line kept for messages.
import { readFileSync } from 'node:fs';
import { isMap, isNode, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { ParloadError } from '../errors/index.ts';

export type Path = readonly PropertyKey[];

export interface JobFile {
  readonly path: string;
  readonly job: Record<string, unknown>;
  /** `job.yaml:12` for what lies at this path, or for the nearest thing around it. */
  placeOf(path: Path): string;
}

type Env = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** `${env:X}` or `${env:X:-default}`; a variable that is not set and has no default is an error. */
export function fillIn(text: string, env: Env, missing: (name: string) => ParloadError): string {
  return text.replace(VARIABLE, (_, name: string, fallback: string | undefined) => {
    const value = env[name] ?? fallback;
    if (value === undefined) throw missing(name);
    return value;
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ParloadError('CONFIG_UNREADABLE', `cannot read the job file ${path}`, { cause });
  }
}

/** Where in the file a path is; the key's own place when the last part is a key of a map. */
function nodeAt(root: unknown, path: Path): Node | null {
  let node: unknown = root;
  let best: Node | null = isNode(root) ? root : null;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((p) => isScalar(p.key) && p.key.value === part);
      if (pair === undefined) break;
      best = isNode(pair.key) ? pair.key : best;
      node = pair.value;
    } else if (isNode(node) && 'get' in node && typeof part === 'number') {
      node = (node as unknown as { get(key: number, keep: true): unknown }).get(part, true);
      best = isNode(node) ? node : best;
    } else break;
  }
  return best;
}

export function loadJobFile(path: string, env: Env): JobFile {
  return parseJobFile(read(path), path, env);
}

export function parseJobFile(text: string, path: string, env: Env): JobFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number | undefined): string =>
    offset === undefined ? path : `${path}:${lines.linePos(offset).line}`;
  const problem = document.errors[0];
  if (problem !== undefined) {
    throw new ParloadError('CONFIG_UNREADABLE', `${place(problem.pos[0])}: ${problem.message}`);
  }
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string') return;
      node.value = fillIn(
        node.value,
        env,
        (name) =>
          new ParloadError(
            'CONFIG_INVALID',
            `${place(node.range?.[0])}: the environment variable ${name} is not set`,
            { hint: `Set ${name}, or write \${env:${name}:-default} in the file.` },
          ),
      );
    },
  });
  const job: unknown = document.toJS() ?? {};
  if (typeof job !== 'object' || job === null || Array.isArray(job)) {
    throw new ParloadError('CONFIG_INVALID', `${path}: a job is a map with source and sink`);
  }
  return {
    path,
    job: job as Record<string, unknown>,
    placeOf: (at) => place(nodeAt(document.contents, at)?.range?.[0]),
  };
}
