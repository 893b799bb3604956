// Records from which sources the assets were built, so that a test can tell without Node whether they are current.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = [
  'package.json',
  'tsconfig.json',
  'yarn.lock',
  ...['schema', 'src', 'style'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  )
].sort();
const entries = files.map(name => [name, createHash('sha256').update(readFileSync(join(root, name))).digest('hex')]);
writeFileSync(join(root, '..', 'static', 'sources.json'), `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`);
