import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { run } from './programs';

const STORAGE_TOOL = ['-cp', 'jars/*', 'kafka.tools.StorageTool', 'format'];

describe('a program that a broker is made with', () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'programs '));
  });

  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  // The words of Java 8, 11, and of one that only tells the kind of the error.
  it.each([
    'Error: A JNI error has occurred, please check your installation and try again\nException in thread "main" java.lang.UnsupportedClassVersionError: kafka/tools/StorageTool has been compiled by a more recent version of the Java Runtime (class file version 61.0)',
    'Error: LinkageError occurred while loading main class kafka.tools.StorageTool\n\tjava.lang.UnsupportedClassVersionError: kafka/tools/StorageTool (class file version 61.0), this version of the Java Runtime only recognizes class file versions up to 55.0',
    'Error: LinkageError occurred while loading main class kafka.tools.StorageTool',
  ])('says which Java is needed when the one here is too old (%#)', async (complaint) => {
    install('java', `cat >&2 <<'END'\n${complaint}\nEND\nexit 1`);
    await expect(runJava()).rejects.toThrow(/^Kafka needs Java 17 or newer; the `java` here is older\.$/);
  });

  it('hands on any other complaint', async () => {
    install('java', `echo 'Log directory is already formatted.' >&2; exit 1`);
    await expect(runJava()).rejects.toThrow(`java failed in ${folder}: Log directory is already formatted.`);
  });

  it('gives what it printed', async () => {
    install('java', `echo "made by $3"`);
    expect(await runJava()).toBe('made by kafka.tools.StorageTool\n');
  });

  const runJava = async (): Promise<string> =>
    await run('java', STORAGE_TOOL, folder, { PATH: `${folder}:/usr/bin:/bin` });

  function install(program: string, script: string): void {
    fs.writeFileSync(path.join(folder, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
});
