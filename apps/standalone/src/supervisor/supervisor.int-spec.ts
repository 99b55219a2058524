import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { checkoutFolder, compiled } from './checkout';
import type { ProcessEvent } from './managed-process';
import type { ProcessSpec, Readiness } from './process-spec';
import { Supervisor } from './supervisor';
import { SupervisorError } from './supervisor.errors';

/** Says that it is ready, notes its start and its end, and drains on SIGTERM. */
const OBEDIENT = `
  const fs = require('node:fs');
  const note = (what) => fs.appendFileSync(process.env.NOTES, what + ' ' + process.env.NAME + '\\n');
  note('started');
  process.on('SIGTERM', () => { note('stopped'); process.exit(0); });
  setInterval(() => undefined, 1000);
  process.send('ready');
`;
/** Ignores SIGTERM, and so does the child that it starts. */
const STUBBORN = `
  const { spawn } = require('node:child_process');
  const fs = require('node:fs');
  process.on('SIGTERM', () => undefined);
  const other = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  fs.appendFileSync(process.env.NOTES, other.pid + '\\n');
  setInterval(() => undefined, 1000);
  process.send('ready');
`;
const BROKEN = `console.error('the reason of the end'); process.exit(3);`;

describe('the supervisor', () => {
  let folder: string;
  let notes: string;
  let supervisor: Supervisor | undefined;

  beforeAll(async () => {
    // The leash that each child wears is a compiled file.
    const build = spawn(process.execPath, [path.join(checkoutFolder(), 'tools/build.cjs')]);
    await once(build, 'exit');
  });

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'a supervisor '));
    notes = path.join(folder, 'notes');
    fs.writeFileSync(notes, '');
  });

  afterEach(async () => {
    await supervisor?.stop();
    supervisor = undefined;
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('starts one stage after the other and stops them in the opposite order', async () => {
    supervisor = supervise([[spec('first')], [spec('second')]]);
    await supervisor.start();
    await supervisor.stop();
    expect(noted()).toEqual(['started first', 'started second', 'stopped second', 'stopped first']);
  });

  it('starts a process again that was killed', async () => {
    const events: ProcessEvent[] = [];
    supervisor = supervise([[spec('victim')]], { onEvent: (event) => events.push(event) });
    await supervisor.start();
    const before = supervisor.pidOf('victim') ?? 0;
    process.kill(before, 'SIGKILL');
    await until(() => events.some((event) => event.kind === 'ready again'));
    expect(supervisor.pidOf('victim')).not.toBe(before);
    expect(events).toEqual([
      { kind: 'died', name: 'victim', reason: 'SIGKILL', nextTryInMs: 100 },
      { kind: 'ready again', name: 'victim' },
    ]);
  });

  it('waits longer before each further try', async () => {
    const waits: number[] = [];
    supervisor = supervise([[spec('victim')]], {
      onEvent: (event) => {
        if (event.kind === 'died') waits.push(event.nextTryInMs);
      },
    });
    await supervisor.start();
    for (let kills = 1; kills <= 3; kills += 1) {
      await until(() => supervisor?.pidOf('victim') !== undefined);
      process.kill(supervisor.pidOf('victim') ?? 0, 'SIGKILL');
      await until(() => waits.length === kills);
    }
    expect(waits).toEqual([100, 200, 400]);
  });

  it('kills what does not end in time, with everything that it started', async () => {
    supervisor = supervise([[spec('stubborn', STUBBORN)]], { stopWithinMs: 1_000 });
    await supervisor.start();
    const pids = [supervisor.pidOf('stubborn') ?? 0, Number(noted()[0])];
    expect(pids.map(isAlive)).toEqual([true, true]);
    await supervisor.stop();
    await until(() => !pids.some(isAlive));
  });

  it('stops what it started when a later stage ends before it is ready, and says its last words', async () => {
    supervisor = supervise([[spec('first')], [spec('broken', BROKEN)]]);
    await expect(supervisor.start()).rejects.toThrow(
      /^broken ended \(exit code 3\)\. Its log: .*broken\.log\nthe reason of the end$/,
    );
    expect(noted()).toEqual(['started first', 'stopped first']);
  });

  it('waits for a process that only does its work', async () => {
    const work = spec('work', `require('node:fs').appendFileSync(process.env.NOTES, 'worked\\n')`, {
      kind: 'done',
    });
    supervisor = supervise([[work], [spec('next')]]);
    await supervisor.start();
    expect(noted()).toEqual(['worked', 'started next']);
  });

  it('gives up on a process after as long as it may take', async () => {
    const idle = { ...spec('idle', 'setInterval(() => undefined, 1000);'), readyWithinMs: 300 };
    supervisor = supervise([[idle]]);
    await expect(supervisor.start()).rejects.toThrow(/^idle is not ready after 0\.3 s\. Its log: /);
  });

  it('says once what it waits for when that takes longer', async () => {
    const events: ProcessEvent[] = [];
    // Ready when it was said, however long that takes here.
    const said = path.join(folder, 'said');
    const source = `
      const fs = require('node:fs');
      setInterval(() => { if (fs.existsSync(${JSON.stringify(said)})) process.send('ready'); }, 50);
    `;
    const slow = { ...spec('slow', source), waitsFor: 'it fetches something' };
    supervisor = supervise([[slow, spec('quick')]], {
      onEvent: (event) => {
        events.push(event);
        fs.writeFileSync(said, '');
      },
    });
    await supervisor.start();
    expect(events).toEqual([{ kind: 'slow', name: 'slow', waitsFor: 'it fetches something' }]);
  });

  it('says in one sentence that a port is taken, before anything is started', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    supervisor = supervise([[{ ...spec('first'), ports: [{ port, usedBy: 'the staff API' }] }]]);
    await expect(supervisor.start()).rejects.toThrow(
      new SupervisorError(
        `Port ${port}, where the staff API should listen, is taken by another program: stop that program or choose other ports with PORT_BASE, for example PORT_BASE=18000.`,
      ),
    );
    expect(noted()).toEqual([]);
    other.close();
  });

  it('leaves nobody behind when it is killed itself', async () => {
    const program = path.join(folder, 'program.js');
    const stages = [{ processes: [spec('orphan')], stopWithinMs: 1000 }];
    fs.writeFileSync(
      program,
      `const { Supervisor } = require(${JSON.stringify(compiled('apps/standalone/src/supervisor/supervisor'))});
       const supervisor = new Supervisor({ stages: ${JSON.stringify(stages)}, logFolder: ${JSON.stringify(folder)} });
       supervisor.start().then(() => process.send(supervisor.pidOf('orphan')));`,
    );
    const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [orphan] = (await once(parent, 'message')) as [number];
    expect(isAlive(orphan)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(orphan));
    expect(noted()).toEqual(['started orphan', 'stopped orphan']);
  });

  function supervise(
    stages: ProcessSpec[][],
    {
      onEvent = () => undefined,
      stopWithinMs = 9_000,
    }: { readonly onEvent?: (event: ProcessEvent) => void; readonly stopWithinMs?: number } = {},
  ): Supervisor {
    return new Supervisor({
      stages: stages.map((processes) => ({ processes, stopWithinMs })),
      logFolder: folder,
      onEvent,
    });
  }

  function spec(name: string, source = OBEDIENT, ready: Readiness = { kind: 'message' }): ProcessSpec {
    const script = path.join(folder, `${name}.js`);
    fs.writeFileSync(script, source);
    return { name, script, environment: { NOTES: notes, NAME: name }, ready, ports: [] };
  }

  const noted = (): string[] => fs.readFileSync(notes, 'utf8').split('\n').filter(Boolean);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie is not alive: its parent may be a process that does not collect its children.
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 50_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('what was waited for did not come');
    await pause(20);
  }
}
