export { nullColumn } from './null-column.ts';
export { sliceColumn } from './slice.ts';
export { fieldTypeName, typeName, valueTypeName } from './type-name.ts';
export {
  float32Values,
  float64Values,
  int8Values,
  int16Values,
  int32Values,
  isValid,
  offsetWords,
  uint8Values,
  uint16Values,
  uint32Values,
  words,
} from './views.ts';
export { widenColumn, widerType } from './widen.ts';
