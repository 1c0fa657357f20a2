export { valueHashOf } from './forms.ts';
export { RowDigester } from './row-digest.ts';
