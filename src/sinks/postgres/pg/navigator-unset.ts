// Others take a `navigator` for a browser.
import { isSet } from './navigator-set.ts';

if (isSet) delete (globalThis as { navigator?: unknown }).navigator;
