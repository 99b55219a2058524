import fs from 'node:fs';
import path from 'node:path';

/** The folder with package.json above this file, whether it runs as source or from dist/. */
export function checkoutFolder(): string {
  let folder = __dirname;
  while (!fs.existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('there is no package.json above this program');
    folder = parent;
  }
  return folder;
}

/** A compiled file, such as `compiled('apps/messaging/src/main')`. */
export function compiled(source: string): string {
  return path.join(checkoutFolder(), 'dist', `${source}.js`);
}
