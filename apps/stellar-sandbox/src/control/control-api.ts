import { z } from 'zod';

import { lineKey } from '../engine/entries';
import type { FaultBook } from '../faults/fault-book';
import { faultRequest } from '../faults/fault-rule';
import type { Exchange, Reply } from '../http/exchange';
import { bodyOf } from '../http/request-body';
import { NO_TROUBLE, type Streams } from '../http/stream';
import type { LedgerCloser } from '../ledger-closer';
import type { SandboxClock } from '../sandbox-clock';
import type { NodeState, Nodes } from '../nodes';
import type { World } from '../world';
import type { RequestCounts } from './request-counts';

export interface ControlContext {
  readonly world: () => World;
  readonly closer: LedgerCloser;
  readonly clock: SandboxClock;
  readonly faults: FaultBook;
  readonly requests: RequestCounts;
  readonly nodes: Nodes;
  readonly streams: Streams;
  /** Puts a new network before these nodes, or before all of them. */
  readonly reset: (nodes: readonly number[] | undefined) => Promise<void>;
}

const json = (content: unknown, status = 200): Reply => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify(content),
});

const LEDGERS_AT_ONCE_MAX = 10_000;

const ledgersRequest = z.object({ count: z.int().min(1).max(LEDGERS_AT_ONCE_MAX).default(1) });

const clockRequest = z.object({
  closeMs: z.int().min(0).max(600_000).optional(),
  /** Stops the network's clock at this moment. */
  stopAt: z.iso.datetime({ offset: true }).optional(),
  advanceMs: z.int().min(0).optional(),
  /** Lets a stopped clock go on from where it stands. */
  resume: z.literal(true).optional(),
  /** Back to the machine's clock. */
  reset: z.literal(true).optional(),
});

const nodeNumber = z.int().min(1).max(9);

const readerRequest = z.object({
  /** From 1; all of them when it is left out. */
  node: nodeNumber.optional(),
  down: z.boolean().optional(),
  passphrase: z.string().min(1).max(200).nullable().optional(),
  lag: z.int().min(0).max(10_000).optional(),
  frozen: z.boolean().optional(),
  flap: z
    .object({ frozenLedgers: z.int().min(1).max(10_000), readingLedgers: z.int().min(1).max(10_000) })
    .nullable()
    .optional(),
});

const streamsRequest = z.object({
  cutAfter: z.int().min(0).max(10_000).nullable().default(NO_TROUBLE.cutAfter),
  loseEvery: z.int().min(1).max(10_000).nullable().default(NO_TROUBLE.loseEvery),
  silent: z.boolean().default(NO_TROUBLE.silent),
});

const resetRequest = z.object({ nodes: z.array(nodeNumber).min(1).max(9).optional() });

const stroops = z
  .string()
  .regex(/^[0-9]{1,12}(?:\.[0-9]{1,7})?$/, { error: 'must be an amount with at most seven decimals' })
  .transform((text) => {
    const [whole = '', fraction = ''] = text.split('.');
    return BigInt(whole + fraction.padEnd(7, '0'));
  })
  .default(0n);

const liabilitiesRequest = z.object({
  account: z.string().regex(/^G[A-Z2-7]{55}$/),
  /** `native`, or the code and issuer of a trustline: `USD:G…`. */
  asset: z
    .string()
    .regex(/^(?:native|[A-Za-z0-9]{1,12}:G[A-Z2-7]{55})$/)
    .default('native'),
  selling: stroops,
  buying: stroops,
});

const coreRequest = z.object({
  hung: z.boolean().optional(),
  leastRate: z.int().min(0).max(1_000_000_000).optional(),
  capacity: z.int().min(1).max(100_000).optional(),
});

function statusOf({ clock, closer, faults, nodes, streams, world }: ControlContext): Reply {
  const { network, reader } = world();
  return json({
    core_latest_ledger: network.header.sequence,
    history_latest_ledger: reader.history.latestSequence,
    behind: reader.behind,
    queue: { transactions: network.queue.size, operations: network.queue.operations },
    close_ms: closer.closeMs,
    now: new Date(clock.now()).toISOString(),
    reader: { lag: reader.lag, frozen: reader.frozen, flap: reader.flap },
    nodes: nodes.these(undefined).map((state) => nodeStatus(state, nodes)),
    streams: { open: streams.size, ...streams.trouble },
    core: {
      hung: network.pressure.hung,
      least_rate: String(network.pressure.leastRate),
      capacity: network.capacity,
    },
    faults: faults.list(),
  });
}

function nodeStatus(state: NodeState, nodes: Nodes): object {
  const number = nodes.numberOf(state);
  const { reader } = state.world.node(number - 1);
  return {
    node: number,
    history_latest_ledger: reader.history.latestSequence,
    behind: reader.behind,
    ...{ lag: reader.lag, frozen: reader.frozen, flap: reader.flap },
    ...{ down: state.down, passphrase: state.passphrase },
  };
}

async function closeLedgers(count: number, context: ControlContext): Promise<Reply> {
  for (let closed = 0; closed < count; closed += 1) await context.closer.closeNow();
  return statusOf(context);
}

function setClock(request: z.output<typeof clockRequest>, context: ControlContext): Reply {
  const { clock, closer } = context;
  if (request.reset === true) clock.reset();
  if (request.stopAt !== undefined) clock.stop(Date.parse(request.stopAt));
  if (request.advanceMs !== undefined) clock.advance(request.advanceMs);
  if (request.resume === true) clock.resume();
  if (request.closeMs !== undefined) closer.setInterval(request.closeMs);
  return statusOf(context);
}

function setReader(request: z.output<typeof readerRequest>, context: ControlContext): Reply {
  const { nodes } = context;
  const asked = nodes.these(request.node);
  if (asked.length === 0) return json({ error: `there is no node ${String(request.node)}` }, 400);
  for (const state of asked) {
    const { reader } = state.world.node(nodes.numberOf(state) - 1);
    if (request.lag !== undefined) reader.lag = request.lag;
    if (request.frozen !== undefined) reader.frozen = request.frozen;
    if (request.flap !== undefined) reader.setFlap(request.flap);
    if (request.down !== undefined) state.down = request.down;
    if (request.passphrase !== undefined) state.passphrase = request.passphrase;
    reader.catchUp();
  }
  return statusOf(context);
}

function setStreams(request: z.output<typeof streamsRequest>, context: ControlContext): Reply {
  context.streams.trouble = request;
  return statusOf(context);
}

function setCore(request: z.output<typeof coreRequest>, context: ControlContext): Reply {
  const { network } = context.world();
  if (request.hung !== undefined) network.pressure.hung = request.hung;
  if (request.leastRate !== undefined) network.pressure.leastRate = BigInt(request.leastRate);
  if (request.capacity !== undefined) network.pressure.capacity = request.capacity;
  return statusOf(context);
}

function setLiabilities(request: z.output<typeof liabilitiesRequest>, context: ControlContext): Reply {
  const { account, asset, buying, selling } = request;
  const [code = '', issuer = ''] = asset.split(':');
  const key = asset === 'native' ? account : lineKey(account, code, issuer);
  const isSet = context.world().network.state.liabilities.set(key, { buying, selling });
  return isSet ? statusOf(context) : json({ error: 'too many liabilities' }, 409);
}

function addFault(request: z.output<typeof faultRequest>, { faults }: ControlContext): Reply {
  const id = faults.add(request);
  return id === null ? json({ error: 'too many faults' }, 409) : json({ id }, 201);
}

function removeFaults(path: string, { faults }: ControlContext): Reply {
  const id = /^\/sandbox\/faults\/(\d+)$/.exec(path)?.[1];
  if (id === undefined) faults.clear();
  else if (!faults.remove(Number(id))) return json({ error: 'there is no such fault' }, 404);
  return json({ faults: faults.list() });
}

type Run = (body: unknown, context: ControlContext, path: string) => Promise<Reply> | Reply;

const COMMANDS: readonly (readonly [string, RegExp, Run])[] = [
  ['GET', /^\/sandbox\/status$/, (_body, context) => statusOf(context)],
  [
    'POST',
    /^\/sandbox\/ledgers$/,
    async (body, context) => closeLedgers(ledgersRequest.parse(body).count, context),
  ],
  ['POST', /^\/sandbox\/clock$/, (body, context) => setClock(clockRequest.parse(body), context)],
  ['POST', /^\/sandbox\/reader$/, (body, context) => setReader(readerRequest.parse(body), context)],
  ['POST', /^\/sandbox\/core$/, (body, context) => setCore(coreRequest.parse(body), context)],
  [
    'POST',
    /^\/sandbox\/liabilities$/,
    (body, context) => setLiabilities(liabilitiesRequest.parse(body), context),
  ],
  ['GET', /^\/sandbox\/faults$/, (_body, { faults }) => json({ faults: faults.list() })],
  ['POST', /^\/sandbox\/faults$/, (body, context) => addFault(faultRequest.parse(body), context)],
  ['DELETE', /^\/sandbox\/faults(?:\/\d+)?$/, (_body, context, path) => removeFaults(path, context)],
  ['GET', /^\/sandbox\/requests$/, (_body, { requests }) => json({ requests: requests.list() })],
  [
    'DELETE',
    /^\/sandbox\/requests$/,
    (_body, { requests }) => {
      requests.clear();
      return json({ requests: requests.list() });
    },
  ],
  ['DELETE', /^\/sandbox\/streams$/, (_body, { streams }) => json({ cut: streams.cutAll() })],
  ['POST', /^\/sandbox\/streams$/, (body, context) => setStreams(streamsRequest.parse(body), context)],
  [
    'POST',
    /^\/sandbox\/reset$/,
    async (body, context) => {
      await context.reset(resetRequest.parse(body).nodes);
      return statusOf(context);
    },
  ],
];

/** Answers a request under /sandbox, or null when it is none. */
export async function control(exchange: Exchange, context: ControlContext): Promise<Reply | null> {
  const { method, path, request } = exchange;
  if (!path.startsWith('/sandbox/')) return null;
  const command = COMMANDS.find(([verb, pattern]) => verb === method && pattern.test(path));
  if (command === undefined) return json({ error: `there is no ${method} ${path}` }, 404);
  const text = (await bodyOf(request)).toString('utf8');
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text);
    return await command[2](body, context, path);
  } catch (error) {
    if (error instanceof SyntaxError) return json({ error: 'the body is not JSON' }, 400);
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    return json({ error: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}` }, 400);
  }
}
