export { CODES, type ErrorCode } from './codes.ts';
export { ParloadError, type ParloadErrorOptions } from './parload-error.ts';
export { fromWire, toParloadError, toWire } from './wire.ts';
