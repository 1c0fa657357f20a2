// What was said where: the file, the environment, the command line. Later layers win, option by option.
import { ParloadError } from '../errors/index.ts';
import type { ConnectorManifest, FlagSpec } from '../model/index.ts';
import { sinkKindOf, sinkManifests, sourceKindOf, sourceManifests } from '../registry.ts';
import { redactUri } from '../runtime/index.ts';
import type { Path } from './file.ts';
import { envName, JOB_FLAGS, parseFlag } from './flags.ts';

type Options = Record<string, unknown>;
export type Side = 'source' | 'sink';
export type Env = Readonly<Record<string, string | undefined>>;

/** One option as it was said, and by which name to call it in a message. */
interface Said {
  readonly value: unknown;
  readonly place: string;
}

/** What the command line gives: positional arguments and `--flag` -> text or true. */
export interface CommandLine {
  readonly source?: readonly string[] | undefined;
  readonly sink?: string | undefined;
  readonly flags: Readonly<Record<string, string | boolean>>;
}

export interface MergedJob {
  /** Options that are no connector's, by key. */
  readonly options: Options;
  readonly connectors: Readonly<Record<Side, { readonly kind: string; readonly options: Options }>>;
  /** The place that an option came from: `--workers`, `PARLOAD_WORKERS`, `job.yaml:12`. */
  placeOf(path: Path): string | null;
}

const MANIFESTS: Readonly<Record<Side, readonly ConnectorManifest[]>> = {
  source: sourceManifests,
  sink: sinkManifests,
};

const missing = (side: Side): ParloadError =>
  new ParloadError(
    'CONFIG_INVALID',
    side === 'source' ? 'no source: what is to be loaded?' : 'no sink: where is it to be loaded?',
    { hint: 'Sources come first, the sink last: parload copy data.parquet postgres://host/db --table t' },
  );

/** A source or sink in its long form. */
export function longForm(side: Side, value: unknown): Options {
  if (typeof value === 'string') return side === 'source' ? { paths: [value] } : { url: value };
  if (Array.isArray(value)) return { paths: value };
  if (typeof value === 'object' && value !== null) {
    const { paths, ...rest } = value as Options;
    if (paths === undefined) return rest;
    return { paths: typeof paths === 'string' ? [paths] : paths, ...rest };
  }
  throw missing(side);
}

/** The kind named in the options, or the one that serves their URI; null when they name neither. */
function kindOf(side: Side, options: Options): string | null {
  if (typeof options.kind === 'string') return options.kind;
  if (side === 'sink') return typeof options.url === 'string' ? sinkKindOf(options.url) : null;
  const uris = Array.isArray(options.paths) ? options.paths : [options.url];
  const kinds = new Map(
    uris.filter((u) => typeof u === 'string').map((uri: string) => [sourceKindOf(uri), uri]),
  );
  if (kinds.size > 1) {
    throw new ParloadError(
      'CONFIG_INVALID',
      `one job reads one kind of source, not both ${[...kinds.values()].map(redactUri).join(' and ')}`,
    );
  }
  return kinds.keys().next().value ?? null;
}

/** Gathers layers from the weakest to the strongest. */
export class Layers {
  readonly #options = new Map<string, Said>();
  readonly #sides: Record<Side, Map<string, Said>> = { source: new Map(), sink: new Map() };
  readonly #flags = new Map<FlagSpec, Said & { readonly strict: boolean }>();
  #rest: (path: Path) => string | null = () => null;

  addJob(job: Options, placeOf: (path: Path) => string | null): void {
    this.#rest = placeOf;
    for (const [key, value] of Object.entries(job)) {
      if (key === 'source' || key === 'sink')
        this.#addSide(key, longForm(key, value), (k) => placeOf([key, k]));
      else if (value !== undefined) this.#options.set(key, { value, place: placeOf([key]) ?? key });
    }
  }

  /** Of the many variables only those of the chosen connectors count. */
  addEnv(env: Env): void {
    for (const spec of this.#allFlags()) {
      const name = envName(spec.flag);
      const text = env[name];
      if (text !== undefined && text !== '') this.#addFlag(spec, text, name, false);
    }
  }

  addCommandLine(line: CommandLine): void {
    for (const side of ['source', 'sink'] as const) {
      const given = line[side];
      if (given === undefined || given.length === 0) continue;
      this.#addSide(side, longForm(side, given), () => (side === 'source' ? 'SOURCE' : 'SINK'));
    }
    for (const spec of this.#allFlags()) {
      const text = line.flags[spec.flag];
      if (text !== undefined) this.#addFlag(spec, text, spec.flag, true);
    }
  }

  merge(): MergedJob {
    const kinds = { source: this.#kind('source'), sink: this.#kind('sink') };
    this.#applyConnectorFlags(kinds);
    const bare = (said: Map<string, Said>): Options =>
      Object.fromEntries([...said].filter(([k]) => k !== 'kind').map(([k, { value }]) => [k, value]));
    return {
      options: bare(this.#options),
      connectors: {
        source: { kind: kinds.source, options: bare(this.#sides.source) },
        sink: { kind: kinds.sink, options: bare(this.#sides.sink) },
      },
      placeOf: (path) => this.placeOf(path),
    };
  }

  /** For a question to a target, without a job. */
  sinkOnly(): { readonly kind: string; readonly options: Options } {
    const kind = this.#kind('sink');
    this.#applyConnectorFlags({ sink: kind });
    const { kind: _, ...options } = this.#plain('sink');
    return { kind, options };
  }

  #allFlags(): FlagSpec[] {
    return [
      ...JOB_FLAGS,
      ...sourceManifests.flatMap((m) => m.flags),
      ...sinkManifests.flatMap((m) => m.flags),
    ];
  }

  /** A target of another kind brings its own options: those of the weaker layer mean nothing to it. */
  #addSide(side: Side, options: Options, placeOf: (key: string) => string | null): void {
    const said = this.#sides[side];
    const before = kindOf(side, this.#plain(side));
    const now = kindOf(side, options);
    if (before !== null && now !== null && before !== now) said.clear();
    for (const [key, value] of Object.entries(options)) {
      if (value !== undefined) said.set(key, { value, place: placeOf(key) ?? `${side}.${key}` });
    }
  }

  #plain(side: Side): Options {
    return Object.fromEntries([...this.#sides[side]].map(([key, { value }]) => [key, value]));
  }

  #addFlag(spec: FlagSpec, text: string | boolean, name: string, strict: boolean): void {
    const value = typeof text === 'boolean' ? text : parseFlag(spec, text, name);
    if (JOB_FLAGS.includes(spec)) this.#options.set(spec.key, { value, place: name });
    else this.#flags.set(spec, { value, place: name, strict });
  }

  #kind(side: Side): string {
    const kind = kindOf(side, this.#plain(side));
    if (kind === null) throw missing(side);
    return kind;
  }

  /** A flag goes to every chosen connector that knows it; to none of them is an error. */
  #applyConnectorFlags(kinds: Partial<Record<Side, string>>): void {
    const used = new Set<string>();
    for (const side of ['source', 'sink'] as const) {
      const own = MANIFESTS[side].find((m) => m.kind === kinds[side])?.flags ?? [];
      for (const [spec, said] of this.#flags) {
        if (!own.includes(spec)) continue;
        used.add(spec.flag);
        this.#sides[side].set(spec.key, said);
      }
    }
    for (const [spec, said] of this.#flags) {
      if (!said.strict || used.has(spec.flag)) continue;
      const owners = [...sourceManifests, ...sinkManifests]
        .filter((m) => m.flags.some((f) => f.flag === spec.flag))
        .map((m) => m.kind);
      throw new ParloadError(
        'CONFIG_INVALID',
        `${spec.flag} is an option of ${owners.join(' and ')}, not of ${Object.values(kinds).join(' or ')}`,
        { where: { option: spec.flag } },
      );
    }
  }

  /** The place that an option came from. */
  placeOf(path: Path): string | null {
    const [first, second] = path;
    if ((first === 'source' || first === 'sink') && second !== undefined) {
      const said = this.#sides[first].get(String(second));
      return said?.place ?? this.#rest(path);
    }
    return this.#options.get(String(first))?.place ?? this.#rest(path);
  }
}
