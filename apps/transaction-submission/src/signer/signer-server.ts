import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';

import { isId } from '@libs/kernel';
import { accountAddressOf, isAccountAddress, UnknownKeyError } from '@libs/ledger';
import type { Logger } from '@libs/observability';
import { z } from 'zod';

import { type LedgerKeys, REQUESTS_MAX } from '../keys/ledger-keys.port';
import { ANSWER, ASK, encodeFrame, type Frame, FrameReader, KEY_BYTES } from './frames';
import { folderProblem } from './socket-trust';

export interface SignerServerOptions {
  readonly socket: string;
  readonly keys: LedgerKeys;
  readonly logger: Logger;
}

export interface SignerServer {
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 16;
const REQUEST_BYTES = KEY_BYTES * 2;

const tenantId = z.string().refine(isId);
const orderShape = z.discriminatedUnion('purpose', [
  z.strictObject({ purpose: z.literal('channel'), count: z.int().min(1).max(REQUESTS_MAX) }),
  z.strictObject({ purpose: z.literal('distribution'), tenantId }),
  z.strictObject({
    purpose: z.literal('rotation'),
    tenantId,
    account: z.string().refine(isAccountAddress),
  }),
]);

/** Serves keys to other processes of the same user over a unix socket. One request at a time per connection. */
export async function startSignerServer(options: SignerServerOptions): Promise<SignerServer> {
  const { socket, logger } = options;
  await mkdir(path.dirname(path.resolve(socket)), { recursive: true, mode: 0o700 });
  const problem = await folderProblem(socket);
  if (problem !== null) throw new Error(problem);
  await removeStale(socket);
  const open = new Set<net.Socket>();
  const server = net.createServer((connection) => {
    open.add(connection);
    connection.once('close', () => open.delete(connection));
    connection.on('error', () => undefined);
    serve(connection, options);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  await chmod(socket, 0o600);
  logger.info({ socket }, 'the signer has started');
  return {
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const connection of open) connection.destroy();
      await closed;
    },
  };
}

/** The socket of a signer that is gone stays behind; that of one that lives is left alone. */
async function removeStale(socket: string): Promise<void> {
  const seen = await lstat(socket).catch(() => null);
  if (seen === null) return;
  if (!seen.isSocket())
    throw new Error(`${socket} is there and is not a socket: SIGNER_SOCKET has to name another path`);
  const isServed = await new Promise<boolean>((resolve) => {
    const probe = net.connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => {
      resolve(false);
    });
  });
  if (isServed) throw new Error(`another signer serves ${socket}`);
  await rm(socket);
}

function serve(connection: net.Socket, { keys, logger }: SignerServerOptions): void {
  const reader = new FrameReader();
  const work = async (chunk: Buffer): Promise<void> => {
    // What comes meanwhile waits in the sender's buffer: that bounds what a connection can ask for.
    connection.pause();
    try {
      for (const frame of reader.push(chunk)) connection.write(encodeFrame(await answer(keys, frame)));
      connection.resume();
    } catch (error) {
      logger.warn({ error }, 'a connection to the signer speaks something else and is ended');
      connection.destroy();
    }
  };
  connection.on('data', (chunk) => void work(Buffer.from(chunk)));
}

async function answer(keys: LedgerKeys, { id, kind, body }: Frame): Promise<Frame> {
  try {
    return { id, kind: ANSWER.done, body: await done(keys, kind, body) };
  } catch (error) {
    if (error instanceof UnknownKeyError) return { id, kind: ANSWER.unknown, body: Buffer.from(error.key) };
    const text = error instanceof Error ? error.message : String(error);
    return { id, kind: ANSWER.failed, body: Buffer.from(text.slice(0, 500)) };
  }
}

async function done(keys: LedgerKeys, kind: number, body: Buffer): Promise<Buffer> {
  switch (kind) {
    case ASK.hello:
      return Buffer.from(`${keys.host.account} ${keys.host.key}`);
    case ASK.sign:
      return await signed(keys, body);
    case ASK.make: {
      const order = orderShape.parse(JSON.parse(body.toString('utf8')));
      return Buffer.from(JSON.stringify(await keys.make(order)));
    }
    default:
      throw new Error(`the signer does not know requests of kind ${String(kind)}`);
  }
}

async function signed(keys: LedgerKeys, body: Buffer): Promise<Buffer> {
  if (body.length % REQUEST_BYTES !== 0 || body.length > REQUESTS_MAX * REQUEST_BYTES)
    throw new Error('a request to sign has a key and a digest of 32 bytes each, a thousand times at most');
  const requests = Array.from({ length: body.length / REQUEST_BYTES }, (_, index) => {
    const at = index * REQUEST_BYTES;
    return {
      key: accountAddressOf(body.subarray(at, at + KEY_BYTES)),
      digest: body.subarray(at + KEY_BYTES, at + REQUEST_BYTES),
    };
  });
  return Buffer.concat(await keys.sign(requests));
}
