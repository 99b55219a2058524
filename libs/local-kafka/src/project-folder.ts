import fs from 'node:fs';
import path from 'node:path';

/** The checkout that this code belongs to, from the source tree and from dist/ alike. */
export function projectFolder(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, 'package.json'))) return folder;
    if (folder === path.dirname(folder)) throw new Error(`there is no package.json above ${__dirname}`);
  }
}

/** Git ignores it: jars, certificates, and the broker of `npm run kafka:up`. */
export const kafkaFolder = (): string => path.join(projectFolder(), '.kafka');
