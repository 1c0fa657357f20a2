// Named places where tests end or stall the process. Off unless PARLOAD_FAILPOINT is set; then one string compare a slice.

/** Every fail point, in the order in which a slice meets them; tests go through this list. */
export const FAILPOINTS = [
  'plan.done',
  'job.prepared',
  'slice.begun',
  'slice.first-batch',
  'slice.sent',
  'slice.before-commit',
  'slice.after-commit',
  'job.before-finish',
  'job.finished',
  'job.rejects-told',
] as const;

/** Those of write modes that load into a staging table first, in the order in which a run meets them. */
export const STAGE_FAILPOINTS = [
  'stage.created',
  'stage.loaded',
  'stage.validated',
  'stage.indexed',
  'publish.locked',
  'publish.before-commit',
  'publish.after-commit',
] as const;

/** Where all rows go by one connection. */
export const RELAY_FAILPOINTS = ['relay.chunk'] as const;

/** Of loads that change the table first. */
export const SCHEMA_FAILPOINTS = ['schema.evolved'] as const;

/** Where indexes are dropped for the load. */
export const INDEX_FAILPOINTS = ['indexes.dropped', 'indexes.building', 'indexes.built'] as const;

export type Failpoint =
  | (typeof FAILPOINTS)[number]
  | (typeof STAGE_FAILPOINTS)[number]
  | (typeof RELAY_FAILPOINTS)[number]
  | (typeof SCHEMA_FAILPOINTS)[number]
  | (typeof INDEX_FAILPOINTS)[number];

const spec = process.env.PARLOAD_FAILPOINT ?? '';
const [name = '', countText = '1', action = 'kill'] = spec.split(':');
let left = Number(countText);

/** `PARLOAD_FAILPOINT=name[:nth[:kill|exit|throw]]`: at the nth hit in this thread SIGKILL the process, end the thread, or throw. */
export function failpoint(point: Failpoint): void {
  if (spec === '' || point !== name) return;
  left -= 1;
  if (left !== 0) return;
  if (action === 'kill') process.kill(process.pid, 'SIGKILL');
  if (action === 'exit') process.exit(99);
  if (action === 'throw') throw new Error(`fail point ${point}`);
}
