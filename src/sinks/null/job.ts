import { valueTypeName } from '../../arrow/index.ts';
import type { ColumnMapping, Json, SinkJob, TargetPlan, TargetRequest } from '../../model/index.ts';
import { encoderOf, encodingOf, type NullEncoding } from './encoding.ts';
import type { NullOptions } from './options.ts';

export class NullJob implements SinkJob {
  readonly #encoding: NullEncoding;
  #schema: TargetRequest['schema'] = { fields: [] };

  constructor(options: NullOptions) {
    this.#encoding = encodingOf(options);
  }

  async describe(request: TargetRequest): Promise<TargetPlan> {
    this.#schema = request.schema;
    const encoder = await encoderOf(this.#encoding);
    const mapping = request.schema.fields.map((field): ColumnMapping => {
      const sourceType = valueTypeName(field);
      if (encoder === null) {
        const targetType = 'nothing';
        return { name: field.name, sourceType, targetType, exactness: 'exact', note: null, policies: [] };
      }
      const type = encoder.defaultPgType(field);
      const how = encoder.mappingOf(field, type, request.policies);
      return { name: field.name, sourceType, targetType: type.display, ...how };
    });
    return {
      target: this.#encoding === 'none' ? 'null:' : 'null:pg',
      exists: true,
      mapping,
      ddl: [],
      committed: {},
      connectionsPerWorker: 0,
      connectionsFixed: 0,
      notes: ['nothing is stored: the null sink only counts'],
    };
  }

  async prepare(): ReturnType<SinkJob['prepare']> {
    return { ticket: { schema: this.#schema as unknown as Json }, committed: {}, notes: [] };
  }

  async finish(): Promise<readonly string[]> {
    return [];
  }

  async abort(): Promise<void> {}

  async close(): Promise<void> {}
}
