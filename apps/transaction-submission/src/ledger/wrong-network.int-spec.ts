import { type Logger, silentLogger } from '@libs/observability';

import { payee, type Process, turn } from '../testing/engine-world';
import { SandboxScene } from '../testing/sandbox-scene';

/** What was logged as an error. */
class Alerts {
  readonly told: string[] = [];
  readonly logger: Logger = {
    ...silentLogger,
    error: (_fields: unknown, message?: string) => {
      this.told.push(message ?? '');
    },
  };
}

describe.each([
  ['the only server', ['1']],
  ['one of two servers', ['1', '2']],
  ['a server behind a balancer', ['any']],
])('when %s shows another network', (_name, nodes) => {
  let scene: SandboxScene;
  let alerts: Alerts;
  let process: Process;
  let now: number;
  const changed = nodes.at(-1) === '1' ? 1 : 2;
  beforeEach(async () => {
    scene = await SandboxScene.open(4, nodes);
    const started = performance.now();
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => started + now);
    alerts = new Alerts();
    process = scene.world.process({ logger: alerts.logger });
    await scene.world.dispatch(await scene.payees(2));
    await scene.runUntilDone({ next: () => process });
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 2 });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await scene.close();
  });

  const reset = async (): Promise<void> => {
    await scene.control('clock', { stopAt: '2030-01-01T00:00:00Z' });
    await scene.control('reset', { nodes: [changed] });
  };
  const posted = async (): Promise<number> => {
    const answer = await fetch(`${scene.sandbox.url}/sandbox/requests`);
    const { requests } = (await answer.json()) as { requests: Record<string, number> };
    return (requests['POST /transactions_async'] ?? 0) + (requests['POST /transactions'] ?? 0);
  };
  const turns = async (of: Process, count = 6): Promise<void> => {
    for (let done = 0; done < count; done += 1) {
      await scene.closeLedger();
      await turn(of);
    }
  };
  /** Until a look has met the changed server: which one a balancer asks depends on who else has just asked it. */
  const turnsUntilSeen = async (of: Process, minutesEach = 0): Promise<void> => {
    for (let done = 0; done < 60 && of.watch.mismatch === null; done += 1) {
      now += minutesEach * 60_000;
      await turns(of, 1);
      // Were the requests between two looks always even in number, all looks would meet the same server.
      if (done % 2 === 1) await fetch(`${scene.sandbox.url}/nodes/any/`);
    }
  };

  it('signs and sends nothing after a reset, alerts, and says so to whoever asks whether it is ready', async () => {
    await reset();
    await turnsUntilSeen(process);
    expect(process.watch.problems()).toEqual([expect.stringMatching(/^nothing is signed: .*ledger \d+/)]);
    expect(new Set(alerts.told)).toEqual(
      new Set(['nothing is signed: a node shows another history of the network']),
    );
    const before = await posted();
    await scene.world.dispatch([payee()]);
    await turns(process);
    expect([await posted(), await scene.world.statuses()]).toEqual([before, { SUCCESS: 2, QUEUED: 1 }]);
  });

  it('does not forget by a restart what the network was before', async () => {
    await process.feed.stop();
    await reset();
    const later = scene.world.process();
    await turnsUntilSeen(later);
    await scene.world.dispatch([payee()]);
    await turns(later);
    expect(later.watch.problems()).toEqual([expect.stringContaining('nothing is signed')]);
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 2, QUEUED: 1 });
  });

  it('stops for another passphrase, alerts, and goes on when it is ours again', async () => {
    await scene.control('reader', { node: changed, passphrase: 'Somebody Else ; 2026' });
    const pass = async (minutes: number): Promise<void> => {
      for (let passed = 0; passed < minutes; passed += 1) {
        now += 60_000;
        await turns(process, 1);
      }
    };
    await turnsUntilSeen(process, 1);
    expect(process.watch.problems()).toEqual([expect.stringContaining('"Somebody Else ; 2026"')]);
    expect(alerts.told).toContain('nothing is signed: a node is on another network');
    await scene.world.dispatch(await scene.payees(1));
    await turns(process, 2);
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 2, QUEUED: 1 });
    await scene.control('reader', { node: changed, passphrase: null });
    await pass(1);
    expect(process.watch.mismatch).not.toBeNull();
    await pass(3);
    await scene.runUntilDone({ next: () => process });
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 3 });
  });
});
