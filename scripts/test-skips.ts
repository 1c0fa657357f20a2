// Reporter for node --test: a JSON list of the tests that were skipped, with their reasons.

export interface SkippedTest {
  readonly file: string;
  readonly name: string;
  readonly reason: string;
}

interface TestEvent {
  readonly type: string;
  readonly data: { readonly name?: string; readonly file?: string; readonly skip?: string | boolean };
}

export default async function* skips(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const skipped: SkippedTest[] = [];
  for await (const { type, data } of events) {
    if (type !== 'test:pass' || data.skip === undefined || data.skip === false) continue;
    skipped.push({
      file: data.file ?? '',
      name: data.name ?? '',
      reason: typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'no reason given',
    });
  }
  yield JSON.stringify(skipped);
}
