import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { InstancesScene } from '../testing/instances-scene';
import { compiledApp, runCommand, spawnSubmission } from '../testing/submission-process';

describe('a paying process that holds no seed', () => {
  let scene: InstancesScene;
  let folder: string;
  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'signer-'));
    scene = await InstancesScene.open({ NUM_CHANNEL_ACCOUNTS: '3', INSTANCE_EXPIRY_SECONDS: '2' });
  }, 120_000);
  afterAll(async () => {
    await scene.close();
    await fs.rm(folder, { recursive: true });
  });

  it('pays with the signatures of another one, waits while that is gone, and goes on', async () => {
    const { DISTRIBUTION_SEED, KEY_ENCRYPTION_KEY, ...seedless } = scene.environment;
    const held = { DISTRIBUTION_SEED: DISTRIBUTION_SEED ?? '', KEY_ENCRYPTION_KEY: KEY_ENCRYPTION_KEY ?? '' };
    const SIGNER_SOCKET = path.join(folder, 'signer.sock');
    const startSigner = async (): Promise<() => Promise<void>> => {
      const child = spawn(process.execPath, [compiledApp('signer/main.js')], {
        env: { DATABASE_URL: scene.environment['DATABASE_URL'] ?? '', SIGNER_SOCKET, ...held },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      return async () => {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      };
    };
    await expect(spawnSubmission({ ...seedless, SIGNER_SOCKET })).rejects.toThrow('there is no signer at');
    await expect(spawnSubmission({ ...seedless, ...held, SIGNER_SOCKET })).rejects.toThrow(
      'DISTRIBUTION_SEED must not be set together with SIGNER_SOCKET',
    );
    let killSigner = await startSigner();
    const paying = await spawnSubmission({ ...seedless, SIGNER_SOCKET });
    const paid = async (): Promise<number> => (await scene.world.statuses())['SUCCESS'] ?? 0;
    const first = await scene.payees(10);
    await scene.world.dispatch(first);
    await scene.until('the first are paid', async () => (await paid()) === 10);
    await killSigner();
    const second = await scene.payees(10);
    await scene.world.dispatch(second);
    const ready = async (): Promise<string> =>
      await (await fetch(`http://127.0.0.1:${String(paying.port)}/ready`)).text();
    await scene.until('it says that the signer is gone', async () => (await ready()).includes('signer'));
    killSigner = await startSigner();
    await scene.until('the others are paid', async () => (await paid()) === 20);
    expect(await scene.received([...first, ...second])).toEqual(
      [...first, ...second].map(({ amount }) => amount),
    );
    const verified = await runCommand('channel-accounts', ['verify'], { ...seedless, SIGNER_SOCKET });
    expect(verified).toMatchObject({ code: 0, output: '0 problems, 0 accounts taken out of the list\n' });
    paying.signal('SIGTERM');
    expect(await paying.ended()).toBe(0);
    await killSigner();
  }, 180_000);
});
