import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(__dirname, '..');
const BUILDS_FIRST = /^node tools\/build\.cjs (>&2 )?&& node /;

/** Those of the table "Operate it", as a reader finds them: `npm run tenants`, or a name between the same ticks. */
function commandsOfReadme(): string[] {
  const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const table = /## Operate it\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
  const cells = table.split('\n').flatMap((line) => /^\| (`[^|]*) \|/.exec(line)?.[1] ?? []);
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`(?:npm run )?([a-z-]+)/g)].map(([, name]) => name ?? ''),
  );
}

describe('the commands of README', () => {
  const scripts = (
    JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    }
  ).scripts;

  beforeAll(() => {
    const build = spawnSync(process.execPath, [path.join(ROOT, 'tools/build.cjs')]);
    expect(build.status).toBe(0);
  }, 120_000);

  it('are all found in its table', () => {
    expect(commandsOfReadme()).toEqual(
      expect.arrayContaining(['tenants', 'users', 'resume-paying', 'reconcile', 'audit', 'dlq', 'topics']),
    );
  });

  it.each([...commandsOfReadme(), 'migrate', 'compose:env', 'kafka:up', 'kafka:down', 'bench'])(
    '%s says with --help what it does, without any setting, and does nothing else',
    async (name) => {
      const words = scripts[name]?.replace(BUILDS_FIRST, '').split(' ') ?? [];
      // Throws when the exit code is not 0.
      const help = await promisify(execFile)(process.execPath, [...words, '--help'], { cwd: ROOT, env: {} });
      expect(help.stderr).toBe('');
      expect(help.stdout).toContain(`npm run ${name}`);
    },
    60_000,
  );
});
