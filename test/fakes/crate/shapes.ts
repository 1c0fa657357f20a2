// Every way in which a bulk request can go otherwise than well, as real servers and what stands before them do it.

export const SHAPES = [
  /** Some rows -2 in a 200, not written; only the first ten carry a text. */
  'partial',
  /** The same, and no row carries a text. */
  'partial-silent',
  /** All rows -2 in a 200 although they were written: a failed shard does this. */
  'written-minus-2',
  /** All rows -2, a half of them written. */
  'half-minus-2',
  /** All rows -2 with a rejected execution, none written. */
  'rejected-execution',
  /** 200 with an error in place of results; a half of the rows written. */
  'top-level-error',
  /** 200 with results for fewer rows; all written. */
  'short-results',
  /** 200 and no JSON. */
  'no-json',
  'status-429',
  'status-503',
  /** 503 from a balancer, as HTML, although the rows were written. */
  'status-503-written',
  'status-502',
  /** 500 with a circuit breaker. */
  'circuit-breaker',
  'status-413',
  /** The connection breaks before anything is written. */
  'reset',
  /** The rows are written and the answer is lost. */
  'reset-written',
  /** No answer ever, nothing written. */
  'hang',
  /** No answer ever, everything written. */
  'hang-written',
  /** 1 for every row, and one of them is lost. */
  'lost-row',
] as const;

export type Shape = (typeof SHAPES)[number];

/** Whose requests end the load, with the code that they give. */
export const FATAL_SHAPES = {
  'status-401': 'SINK_AUTH',
  'status-403': 'SINK_DENIED',
  'unknown-table': 'TABLE_MISSING',
} as const;
export type FatalShape = keyof typeof FATAL_SHAPES;
