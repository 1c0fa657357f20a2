// What every part of the bundle needs: together, these make one file of the bundle instead of ten small ones.
import '../../src/arrow/index.ts';
import '../../src/cli/arguments.ts';
import '../../src/config/flags.ts';
import '../../src/errors/index.ts';
import '../../src/paths.ts';
import '../../src/registry.ts';
import '../../src/runtime/index.ts';
import '../../src/slice-runner/index.ts';
