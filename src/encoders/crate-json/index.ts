import { type ArrowField, EXACT_POLICIES, type PolicyName, type ValuePolicies } from '../../model/index.ts';
import { noteText } from '../policy-notes.ts';
import type { CrateType } from './crate-type.ts';
import { ruleFor } from './rules.ts';

export {
  type CrateColumn,
  type CrateType,
  ddlOf,
  parseType,
  quoteIdent,
  showType,
  type TypeFacts,
} from './crate-type.ts';
export { defaultCrateType, reasonAgainst } from './ddl.ts';
export { CrateJsonEncoder, type CrateJsonOptions } from './encoder.ts';
export { keyPrefix, rowKey } from './row-key.ts';
export { isRule, verdictOn } from './rules.ts';

/** How a field travels into a given type; throws TYPE_UNSUPPORTED where that could lose something silently. */
export function mappingOf(
  field: ArrowField,
  type: CrateType,
  policies: ValuePolicies = EXACT_POLICIES,
): {
  readonly exactness: 'exact' | 'checked';
  readonly note: string | null;
  readonly policies: readonly PolicyName[];
} {
  const { writer, exactness, note } = ruleFor(field, type);
  return { exactness, note: noteText(note, policies), policies: writer.touches };
}
