// What a rule is: how values of one Arrow type travel into one Postgres type, or why they do not.
import type { ArrowField, ArrowType } from '../../../model/index.ts';
import type { PgType } from '../pg-type.ts';
import type { ValueWriter } from '../writer.ts';

export interface Rule {
  readonly writer: ValueWriter;
  /** `checked`: each value is looked at, and one that does not fit is refused. */
  readonly exactness: 'exact' | 'checked';
  readonly note: string | null;
}

/** Why no value of a pair travels; the end of a sentence that names column and types. */
export interface Refusal {
  readonly refused: string;
}

export type Verdict = Rule | Refusal;

export const isRule = (verdict: Verdict): verdict is Rule => 'writer' in verdict;

export const exact = (writer: ValueWriter, note: string | null = null): Rule => ({
  writer,
  exactness: 'exact',
  note,
});

export const checked = (writer: ValueWriter, note: string): Rule => ({ writer, exactness: 'checked', note });

export const refused = (why: string): Refusal => ({ refused: why });

export const joinNotes = (...notes: readonly (string | null)[]): string | null => {
  const said = notes.filter((note) => note !== null);
  return said.length === 0 ? null : said.join('; ');
};

/** Where a type stands: the column itself, or a part of a nested one. */
export interface Place {
  readonly field: ArrowField;
  /** Levels around it; names of variables in generated code depend on it. */
  readonly depth: number;
  /** The verdict on a part, `levels` deeper (1 when not given). */
  find(part: ArrowField, target: PgType, levels?: number): Verdict;
}

/** Null: nothing special to say, so the reason is that of the two families (reasons.ts). */
export type Find<T extends ArrowType['id']> = (
  type: Extract<ArrowType, { id: T }>,
  target: PgType,
  place: Place,
) => Verdict | null;
