// Writes config/parload.schema.json, by which editors complete and check job files.
import { editorSchema } from '../src/config/json-schema.ts';
import { generated } from './generated.ts';

const text = `${JSON.stringify(await editorSchema(), null, 2)}\n`;
generated('config/parload.schema.json', text, 'make gen');
