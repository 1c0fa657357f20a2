// What must be reached, as PASS or MISS with the figure. Works on the cases of bench/cases/bars.yaml and start.yaml, by
// their ids; a bar whose cases were not run is left out.
import { MiB } from '../../runtime/index.ts';
import type { CaseSummary, SuiteSummary } from './summary.ts';

export interface Bar {
  readonly name: string;
  readonly state: 'PASS' | 'MISS' | 'FAIL';
  readonly figure: string;
}

interface Rule {
  readonly name: string;
  /** null: its cases were not run. */
  readonly judge: (cases: Cases) => { readonly pass: boolean; readonly figure: string } | null;
}

/** Cases of one suite by id; only those with a good run. */
class Cases {
  readonly #byId: ReadonlyMap<string, CaseSummary>;

  constructor(cases: readonly CaseSummary[]) {
    this.#byId = new Map(cases.filter((c) => c.wall !== null).map((c) => [c.spec.id, c]));
  }

  get(id: string): CaseSummary | null {
    return this.#byId.get(id) ?? null;
  }

  wall(id: string): number | null {
    return this.get(id)?.wall?.median ?? null;
  }

  least(ids: readonly string[]): number | null {
    const walls = ids.map((id) => this.wall(id)).filter((wall): wall is number => wall !== null);
    return walls.length === 0 ? null : Math.min(...walls);
  }

  get all(): readonly CaseSummary[] {
    return [...this.#byId.values()];
  }
}

const seconds = (value: number): string => `${value.toFixed(2)} s`;
const mib = (bytes: number): string => `${(bytes / MiB).toFixed(0)} MiB`;

/** `value` at most `limit` times `base`. */
function atMost(
  name: string,
  limit: number,
  value: (c: Cases) => number | null,
  base: (c: Cases) => number | null,
  unit = seconds,
): Rule {
  return {
    name: `${name} at most ${limit} x`,
    judge: (cases) => {
      const [own, other] = [value(cases), base(cases)];
      if (own === null || other === null || other === 0) return null;
      return {
        pass: own <= limit * other,
        figure: `${(own / other).toFixed(2)} x (${unit(own)} / ${unit(other)})`,
      };
    },
  };
}

function rssAtMost(id: string, limitBytes: number): Rule {
  return {
    name: `peak memory of ${id} at most ${mib(limitBytes)}`,
    judge: (cases) => {
      const peak = cases.get(id)?.peakRss;
      if (peak == null) return null;
      return { pass: peak.max <= limitBytes, figure: `${mib(peak.median)}, most ${mib(peak.max)}` };
    },
  };
}

const PEERS = ['duckdb', 'pgpq', 'adbc'] as const;

const cpu = (cases: Cases, id: string): number | null => cases.get(id)?.clientCpu?.median ?? null;
const rss = (cases: Cases, id: string): number | null => cases.get(id)?.peakRss?.median ?? null;
const rate = (cases: Cases, id: string): number | null => cases.get(id)?.bytesPerSecond?.median ?? null;

/** Wall a row, in microseconds. */
const rowTime = (cases: Cases, id: string): number | null => {
  const one = cases.get(id);
  return one?.rowsPerSecond == null ? null : 1e6 / one.rowsPerSecond.median;
};
const micros = (value: number): string => `${value.toFixed(2)} us a row`;

const onData = (data: string): Rule[] => [
  atMost(
    `${data}: wall with 2 workers by ready-made bytes on one connection`,
    1.05,
    (c) => c.wall(`copy ${data} 2w`),
    (c) => c.least([`psql ${data}`, `floor ${data} 1w`]),
  ),
  atMost(
    `${data}: aim: wall by ready-made bytes on two connections`,
    1.1,
    (c) => c.wall(`copy ${data} 2w`),
    (c) => c.wall(`floor ${data} 2w`),
  ),
  ...PEERS.map((peer) =>
    atMost(
      `${data}: wall by that of ${peer}`,
      1,
      (c) => c.wall(`copy ${data} 2w`),
      (c) => c.wall(`peer:${peer} ${data}`),
    ),
  ),
  atMost(
    `${data}: client CPU by that of duckdb`,
    1,
    (c) => cpu(c, `copy ${data} 2w`),
    (c) => cpu(c, `peer:duckdb ${data}`),
  ),
  rssAtMost(`copy ${data} 2w`, 256 * MiB),
  rssAtMost(`copy ${data} 1w`, 170 * MiB),
];

const scaling = (id: string, sink: string): Rule => ({
  name: `${id}: to ${sink} 2 workers at least 1.8 x the rows/s of 1`,
  judge: (cases) => {
    const value = cases.get(`${id} ${sink} 2w`)?.scaling ?? null;
    return value === null ? null : { pass: value >= 1.8, figure: `${value.toFixed(2)} x` };
  },
});

const wide = (id: string, columns: number): Rule => ({
  name: `${id}: ${columns} columns at least half of the bytes/s of 19`,
  judge: (cases) => {
    const [own, narrow] = [rate(cases, `${id} wide-${columns}`), rate(cases, `${id} wide-19`)];
    if (own === null || narrow === null) return null;
    const share = own / narrow;
    return { pass: share >= 0.5, figure: `${share.toFixed(2)} (${mib(own)}/s, ${mib(narrow)}/s)` };
  },
});

const sameRss = (data: string): Rule => ({
  name: `${data}: peak memory within 10 % of the single file`,
  judge: (cases) => {
    const [own, one] = [rss(cases, `ten times ${data} 2w`), rss(cases, 'ten times taxi-made 2w')];
    if (own === null || one === null) return null;
    return { pass: own <= 1.1 * one, figure: `${(own / one).toFixed(2)} x (${mib(own)}, ${mib(one)})` };
  },
});

const tiny = (id: string): Rule =>
  atMost(
    `${id}: time a row of 5,000 row groups by that of 20`,
    1.5,
    (c) => rowTime(c, `${id} groups-5000`),
    (c) => rowTime(c, `${id} groups-20`),
    micros,
  );

/** Of every copy with a good run. */
const oneCompilation: Rule = {
  name: 'one wasm compilation a process',
  judge: (cases) => {
    const known = cases.all.filter((c) => c.wasmCompilations !== null);
    if (known.length === 0) return null;
    const most = Math.max(...known.map((c) => c.wasmCompilations!.max));
    return { pass: most <= 1, figure: `at most ${most} in ${known.length} cases` };
  },
};

/** A storm took hundreds of collections and most of the time; a tenth of the CPU would be one already. */
const noGcStorm: Rule = {
  name: 'full GCs take at most 10 % of the client CPU',
  judge: (cases) => {
    const known = cases.all.filter((c) => c.majorGcMs !== null && c.clientCpu !== null);
    if (known.length === 0) return null;
    const share = (c: CaseSummary): number => c.majorGcMs!.median / 1000 / c.clientCpu!.median;
    const worst = known.reduce((a, b) => (share(b) > share(a) ? b : a));
    const text = `${(share(worst) * 100).toFixed(1)} % (${worst.majorGcs!.median} of them) in ${worst.spec.id}`;
    return { pass: share(worst) <= 0.1, figure: text };
  },
};

const RULES: readonly Rule[] = [
  ...onData('taxi'),
  ...onData('lineitem'),
  atMost(
    'giant: time a row of one row group by that of usual ones',
    1.2,
    (c) => rowTime(c, 'giant giant 2w'),
    (c) => rowTime(c, 'giant giant-groups 2w'),
    micros,
  ),
  rssAtMost('giant giant 2w', 256 * MiB),
  sameRss('taxi-10x'),
  sameRss('taxi-10-files'),
  rssAtMost('mixed', 256 * MiB),
  ...['null', 'null 10x'].flatMap((id) => [scaling(id, 'null:'), scaling(id, 'null:pg')]),
  ...[400, 1000].flatMap((columns) => [wide('wide', columns), wide('wide to Postgres', columns)]),
  tiny('tiny'),
  tiny('tiny to Postgres'),
  oneCompilation,
  noGcStorm,
];

const secondsAtMost = (name: string, limit: number, value: (c: Cases) => number | null): Rule => ({
  name: `${name} at most ${seconds(limit)}`,
  judge: (cases) => {
    const own = value(cases);
    return own === null ? null : { pass: own <= limit, figure: seconds(own) };
  },
});

const START_RULES: readonly Rule[] = [
  secondsAtMost('wall of --help', 0.15, (c) => c.wall('help')),
  atMost(
    'wall of --help by that of Node.js itself',
    1.3,
    (c) => c.wall('help'),
    (c) => c.wall('node'),
  ),
  secondsAtMost('client CPU of one row', 0.3, (c) => cpu(c, 'one row')),
];

/** By the name of the suite. */
const RULES_OF: Readonly<Record<string, readonly Rule[]>> = { bars: RULES, start: START_RULES };

export function barsOf({ suite, cases }: SuiteSummary): Bar[] {
  const rules = RULES_OF[suite.name];
  if (rules === undefined) return [];
  const known = new Cases(cases);
  const judged = rules.flatMap(({ name, judge }): Bar[] => {
    const answer = judge(known);
    return answer === null ? [] : [{ name, state: answer.pass ? 'PASS' : 'MISS', figure: answer.figure }];
  });
  const failed = cases
    .filter((c) => c.problems.length > 0)
    .map((c): Bar => ({ name: `${c.spec.id} runs`, state: 'FAIL', figure: c.problems.join('; ') }));
  return [...failed, ...judged];
}
