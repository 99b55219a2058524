import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { SignerUnavailableError } from '@libs/ledger';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { silentLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { VaultRepository } from '@libs/submissions';
import { testDatabase, type TestDatabase } from '@libs/testing';

import { ledgerKeysContract } from '../keys/ledger-keys.contract';
import { RemoteKeys } from '../keys/remote-keys';
import { VaultKeys } from '../keys/vault-keys';
import { encodeFrame, FRAME_BYTES_MAX } from './frames';
import { type SignerServer, startSignerServer } from './signer-server';

describe('the signer behind a socket', () => {
  let test: TestDatabase;
  let database: Database;
  let uow: UnitOfWork;
  let folder: string;
  beforeAll(async () => {
    test = await testDatabase();
    database = new Database({ url: test.url('transactionSubmission'), applicationName: 'signer test' });
    uow = new UnitOfWork(database);
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'signer-'));
  });
  afterAll(async () => {
    await database.close();
    await test.drop();
    await fs.rm(folder, { recursive: true });
  });

  const host = newLedgerKey();
  const hostAccount = newLedgerKey().address;
  const serve = async (socket: string): Promise<SignerServer> =>
    await startSignerServer({
      socket,
      keys: new VaultKeys(uow, new VaultRepository(), {
        encryptionKeys: [new Uint8Array(32).fill(9)],
        host,
        hostAccount,
      }),
      logger: silentLogger,
    });
  const place = (): string => path.join(folder, `${randomBytes(4).toString('hex')}.sock`);
  const request = [{ key: host.address, digest: randomBytes(32) }];

  ledgerKeysContract('another process', async () => {
    const socket = place();
    const server = await serve(socket);
    const keys = await RemoteKeys.open({ socket });
    return {
      keys,
      uow,
      host,
      hostAccount,
      close: async () => {
        await keys.close();
        await server.close();
      },
    };
  });

  it('is an outage while it is gone, and is found again by itself', async () => {
    const socket = place();
    await expect(RemoteKeys.open({ socket })).rejects.toThrow(SignerUnavailableError);
    const first = await serve(socket);
    const keys = await RemoteKeys.open({ socket });
    await first.close();
    await expect(keys.sign(request)).rejects.toThrow(SignerUnavailableError);
    expect(keys.problems()).toHaveLength(1);
    const second = await serve(socket);
    expect(await keys.sign(request)).toHaveLength(1);
    expect(keys.problems()).toEqual([]);
    await keys.close();
    await second.close();
  });

  it('is an outage when it does not answer in time', async () => {
    const socket = place();
    const silent = net.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(socket, resolve));
    await fs.chmod(socket, 0o600);
    await expect(RemoteKeys.open({ socket, patienceMs: 50 })).rejects.toThrow('did not answer in time');
    silent.close();
  });

  it('is not trusted when it belongs to another user, or when others can reach its socket or folder', async () => {
    const socket = place();
    const server = await serve(socket);
    const uid = (process.getuid?.() ?? 0) + 1;
    await expect(RemoteKeys.open({ socket, uid })).rejects.toThrow('cannot be trusted');
    await fs.chmod(socket, 0o666);
    await expect(RemoteKeys.open({ socket })).rejects.toThrow('can be reached by other users (mode 666)');
    await fs.chmod(socket, 0o600);
    await fs.chmod(folder, 0o755);
    await expect(RemoteKeys.open({ socket })).rejects.toThrow('can be reached by other users (mode 755)');
    await expect(serve(place())).rejects.toThrow('can be reached by other users (mode 755)');
    await fs.chmod(folder, 0o700);
    await (await RemoteKeys.open({ socket })).close();
    await server.close();
  });

  it('does not take the place of a signer that lives', async () => {
    const socket = place();
    const server = await serve(socket);
    await expect(serve(socket)).rejects.toThrow('another signer serves');
    const keys = await RemoteKeys.open({ socket });
    expect(await keys.sign(request)).toHaveLength(1);
    await keys.close();
    await server.close();
  });

  it('does not delete a file that is no socket', async () => {
    const file = place();
    await fs.writeFile(file, 'something that somebody needs');
    await expect(serve(file)).rejects.toThrow('is not a socket: SIGNER_SOCKET has to name another path');
    expect(await fs.readFile(file, 'utf8')).toBe('something that somebody needs');
  });

  it('ends a connection that sends nonsense, answers wrong requests with their reason, and serves the others on', async () => {
    const socket = place();
    const server = await serve(socket);
    const keys = await RemoteKeys.open({ socket });
    const send = async (bytes: Buffer): Promise<Buffer> => {
      const connection = net.connect(socket);
      const heard: Buffer[] = [];
      connection.on('data', (chunk) => {
        heard.push(Buffer.from(chunk));
        connection.end();
      });
      connection.on('error', () => undefined);
      connection.write(bytes);
      await new Promise((resolve) => connection.once('close', resolve));
      return Buffer.concat(heard);
    };
    const tooLong = Buffer.alloc(4);
    tooLong.writeUInt32BE(FRAME_BYTES_MAX + 1);
    expect(await send(tooLong)).toHaveLength(0);
    expect((await send(encodeFrame({ id: 1, kind: 2, body: Buffer.alloc(63) }))).toString()).toContain(
      '32 bytes',
    );
    expect((await send(encodeFrame({ id: 1, kind: 9, body: Buffer.alloc(0) }))).toString()).toContain(
      'kind 9',
    );
    const order = Buffer.from('{"purpose":"channel","count":1000000}');
    expect((await send(encodeFrame({ id: 1, kind: 3, body: order }))).toString()).toContain('count');
    expect(await keys.sign(request)).toHaveLength(1);
    await keys.close();
    await server.close();
  });
});
