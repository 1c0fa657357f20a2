import { sink } from '../../src/sinks/crate/index.ts';
import { FakeCrate } from '../fakes/crate/server.ts';
import type { JsonNumber } from '../support/exact-json.ts';
import { sinkConformance } from './sink-suite.ts';

sinkConformance('crate (fake)', sink, async () => {
  const fake = await FakeCrate.start();
  const idsOf = (): number[] =>
    fake
      .rows('numbers')
      .map((row) => Number((row.get('id') as JsonNumber).text))
      .sort((a, b) => a - b);
  return {
    options: { url: fake.url('numbers') },
    ids: async () => idsOf(),
    fingerprint: async () =>
      JSON.stringify([...fake.engine.tables].map(([name, table]) => [name, table.rows.size])),
    close: () => fake.stop(),
  };
});
