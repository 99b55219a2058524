import net from 'node:net';

import {
  type AccountKey,
  isAccountAddress,
  publicKeyOf,
  type SignatureRequest,
  SignerUnavailableError,
  UnknownKeyError,
} from '@libs/ledger';
import { z } from 'zod';

import { inBatches } from '../bounded';
import { ANSWER, ASK, encodeFrame, type Frame, FrameReader, SIGNATURE_BYTES } from '../signer/frames';
import { socketProblem } from '../signer/socket-trust';
import { type KeyOrder, LedgerKeys, REQUESTS_MAX } from './ledger-keys.port';

export interface RemoteKeysOptions {
  readonly socket: string;
  /** The user that the signer must run as; our own when it is left out. */
  readonly uid?: number;
  readonly patienceMs?: number;
}

interface Waiting {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const PATIENCE_MS = 5_000;
const WAITING_MAX = 256;
const IDS_MAX = 0xffff_ffff;
const addresses = z.array(z.string().refine(isAccountAddress));

/** Keys in another process of the same user, behind a unix socket. No seed ever comes here. */
export class RemoteKeys extends LedgerKeys {
  private connection: net.Socket | null = null;
  private connecting: Promise<net.Socket> | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private problem: string | null = null;
  private known: AccountKey | null = null;

  private constructor(private readonly options: RemoteKeysOptions) {
    super();
  }

  /** Throws `SignerUnavailableError` when the signer cannot be reached or must not be trusted. */
  static async open(options: RemoteKeysOptions): Promise<RemoteKeys> {
    const keys = new RemoteKeys(options);
    const hello = (await keys.ask(ASK.hello, Buffer.alloc(0))).toString('utf8');
    const [account = '', key = ''] = hello.split(' ');
    if (!isAccountAddress(account) || !isAccountAddress(key))
      throw new SignerUnavailableError('the signer names no host account');
    keys.known = { account, key };
    return keys;
  }

  override get host(): AccountKey {
    if (this.known === null) throw new Error('keys are opened before they are used');
    return this.known;
  }

  override async sign(requests: readonly SignatureRequest[]): Promise<readonly Uint8Array[]> {
    const parts = inBatches(requests, REQUESTS_MAX);
    const answers = await Promise.all(parts.map((part) => this.signSome(part)));
    return answers.flat();
  }

  override async make(order: KeyOrder): Promise<readonly string[]> {
    const body = await this.ask(ASK.make, Buffer.from(JSON.stringify(order)));
    return addresses.parse(JSON.parse(body.toString('utf8')));
  }

  override problems(): readonly string[] {
    if (this.problem === null) return [];
    // Looks again, so that what was mended shows even while nothing is to be signed.
    void this.ask(ASK.hello, Buffer.alloc(0)).catch(() => undefined);
    return [this.problem];
  }

  override close(): Promise<void> {
    this.lose(new SignerUnavailableError('the connection to the signer was closed'));
    return Promise.resolve();
  }

  private async signSome(requests: readonly SignatureRequest[]): Promise<readonly Uint8Array[]> {
    const parts = requests.flatMap(({ key, digest }) => {
      const bytes = publicKeyOf(key);
      if (bytes === null) throw new UnknownKeyError(key);
      return [bytes, digest];
    });
    const body = await this.ask(ASK.sign, Buffer.concat(parts));
    if (body.length !== requests.length * SIGNATURE_BYTES)
      throw new SignerUnavailableError('the signer answered with another number of signatures');
    return requests.map((_, index) =>
      Uint8Array.from(body.subarray(index * SIGNATURE_BYTES, (index + 1) * SIGNATURE_BYTES)),
    );
  }

  private async ask(kind: number, body: Buffer): Promise<Buffer> {
    const connection = await this.connected();
    if (this.waiting.size >= WAITING_MAX)
      throw new SignerUnavailableError('the signer has too much to do already');
    this.lastId = (this.lastId % IDS_MAX) + 1;
    const id = this.lastId;
    const answer = await new Promise<Frame>((resolve, reject) => {
      const timer = setTimeout(() => {
        // Answers come in order: one that does not come holds up all that follow.
        this.lose(new SignerUnavailableError('the signer did not answer in time'));
      }, this.options.patienceMs ?? PATIENCE_MS);
      this.waiting.set(id, { resolve, reject, timer });
      connection.write(encodeFrame({ id, kind, body }));
    });
    switch (answer.kind) {
      case ANSWER.done:
        return answer.body;
      case ANSWER.unknown:
        throw new UnknownKeyError(answer.body.toString('utf8'));
      default:
        throw new SignerUnavailableError(`the signer could not do it: ${answer.body.toString('utf8')}`);
    }
  }

  private async connected(): Promise<net.Socket> {
    if (this.connection !== null) return this.connection;
    this.connecting ??= this.connect().finally(() => (this.connecting = null));
    return await this.connecting;
  }

  private async connect(): Promise<net.Socket> {
    const { socket, uid } = this.options;
    const untrusted = await socketProblem(socket, uid).catch(() => `there is no signer at ${socket}`);
    if (untrusted !== null) {
      this.problem = untrusted;
      throw new SignerUnavailableError(untrusted);
    }
    const connection = net.connect(socket);
    await new Promise<void>((resolve, reject) => {
      connection.once('connect', resolve);
      connection.once('error', (cause) => {
        this.problem = `the signer at ${socket} does not answer`;
        reject(new SignerUnavailableError(this.problem, { cause }));
      });
    });
    const reader = new FrameReader();
    connection.on('data', (chunk) => {
      this.hear(reader, Buffer.from(chunk));
    });
    connection.on('error', () => undefined);
    connection.once('close', () => {
      if (this.connection === connection)
        this.lose(new SignerUnavailableError('the connection to the signer was lost'));
    });
    this.connection = connection;
    this.problem = null;
    return connection;
  }

  private hear(reader: FrameReader, chunk: Buffer): void {
    let frames: readonly Frame[];
    try {
      frames = reader.push(chunk);
    } catch {
      this.lose(new SignerUnavailableError('the signer speaks something else'));
      return;
    }
    for (const frame of frames) {
      const one = this.waiting.get(frame.id);
      this.waiting.delete(frame.id);
      clearTimeout(one?.timer);
      one?.resolve(frame);
    }
  }

  /** The next request connects anew. */
  private lose(error: SignerUnavailableError): void {
    this.problem = error.message;
    this.connection?.destroy();
    this.connection = null;
    for (const [id, { reject, timer }] of this.waiting) {
      this.waiting.delete(id);
      clearTimeout(timer);
      reject(error);
    }
  }
}
