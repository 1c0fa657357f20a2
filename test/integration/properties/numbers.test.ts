import { withPostgres } from '../../support/postgres.ts';
import { NUMBERS } from './numbers.ts';
import { checkPairs } from './pair.ts';

checkPairs('numbers', withPostgres(), NUMBERS);
