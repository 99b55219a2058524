import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { run } from './programs';
import { projectFolder } from './project-folder';

const COPY_JARS = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/**
 * The folder with Kafka's jars below `folder`, fetched by Maven once per content of tools/kafka/pom.xml.
 *
 * It appears under its name only when it is whole, so two processes at once, or a fetch that was cut off, do no harm.
 */
export async function ensureJars(folder: string): Promise<string> {
  const pom = fs.readFileSync(path.join(projectFolder(), 'tools', 'kafka', 'pom.xml'));
  const digest = createHash('sha256').update(pom).digest('hex').slice(0, 12);
  const jars = path.join(folder, `jars-${digest}`);
  if (fs.existsSync(jars)) return jars;
  fs.mkdirSync(folder, { recursive: true });
  const work = fs.mkdtempSync(path.join(folder, 'fetching-'));
  try {
    fs.writeFileSync(path.join(work, 'pom.xml'), pom);
    await run('mvn', ['-q', '-B', COPY_JARS, '-DoutputDirectory=jars', '-DincludeScope=runtime'], work);
    fs.renameSync(path.join(work, 'jars'), jars);
  } catch (error) {
    if (!fs.existsSync(jars)) throw error;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
  return jars;
}
