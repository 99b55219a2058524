import fs from 'node:fs';
import path from 'node:path';

/** The version in package.json, found upwards from here: the sources and the build lie at different depths. */
export function releaseVersion(): string {
  for (let folder = __dirname; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    if (!fs.existsSync(file)) continue;
    const manifest: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
    const version: unknown =
      typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined;
    return typeof version === 'string' ? version : 'unknown';
  }
  return 'unknown';
}
