// What packages in CommonJS know of their place; in the bundle it is the bundle's folder.
import { fileURLToPath } from 'node:url';

export const __dirname = fileURLToPath(new URL('.', import.meta.url));
