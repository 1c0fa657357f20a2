import { sink } from '../../src/sinks/null/index.ts';
import { sinkConformance } from './sink-suite.ts';

for (const url of ['null:', 'null:pg']) {
  sinkConformance(url, sink, async () => ({ options: { url }, ids: null, fingerprint: null }));
}
