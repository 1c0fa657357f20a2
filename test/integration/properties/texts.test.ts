import { withPostgres } from '../../support/postgres.ts';
import { checkPairs } from './pair.ts';
import { SETUP, TEXTS } from './texts.ts';

checkPairs('text and bytes', withPostgres(), TEXTS, SETUP);
