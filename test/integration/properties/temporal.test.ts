import { withPostgres } from '../../support/postgres.ts';
import { checkPairs } from './pair.ts';
import { TEMPORAL } from './temporal.ts';

checkPairs('dates and times', withPostgres(), TEMPORAL);
