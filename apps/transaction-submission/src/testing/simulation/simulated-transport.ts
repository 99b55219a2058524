import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import {
  type HttpAnswer,
  type HttpRequest,
  HttpSilenceError,
  type HttpTransport,
} from '@libs/ledger-stellar/submitter';

import { answer } from '../../../../stellar-sandbox/src/http/api';
import { type Exchange, problemReply, type Reply } from '../../../../stellar-sandbox/src/http/exchange';
import { Problem } from '../../../../stellar-sandbox/src/http/problems';
import type { SeededRandom } from './seeded-random';
import type { SimulatedNetwork, SimulatedNode, Treatment } from './simulated-network';
import type { Actor } from './stepper';

/** How the way to the nodes misbehaves, each from 0 to 1. */
export interface NetworkWeather {
  /** A request never arrives. */
  loseRequest: number;
  /** The node does what it was asked, and its answer is lost. */
  loseAnswer: number;
  /** A gateway answers 502, 503, 504 or 429 although the node took the envelope, or before it saw it. */
  gateway: number;
  /** The envelope reaches the node ledgers later. */
  arriveLate: number;
  /** The node's queue keeps it for some ledgers before one takes it. */
  holdBack: number;
  /** The node's queue forgets it. */
  drop: number;
  /** Reading fails. */
  failRead: number;
}

/** Nobody writes to it: answers are values here, and no stream is opened. */
const REQUEST = new IncomingMessage(new Socket());
const RESPONSE = new ServerResponse(REQUEST);
const GATEWAY_STATUSES = [502, 503, 504, 429] as const;
/** Long enough that the last of them come when their time has just passed. */
const LEDGERS_LATE_MAX = [2, 5, 14] as const;

export interface TransportParts {
  readonly network: SimulatedNetwork;
  readonly actor: Actor;
  readonly random: SeededRandom;
  readonly weather: NetworkWeather;
  /** Told of each envelope whose first byte leaves. */
  readonly onSubmit: (payload: string) => void;
}

/** Brings the requests of one process to the nodes, or not. Each request is a step. */
export class SimulatedTransport implements HttpTransport {
  constructor(private readonly parts: TransportParts) {}

  async send({ url, form }: HttpRequest): Promise<HttpAnswer> {
    const { origin, pathname, searchParams } = new URL(url);
    const nodes = this.parts.network.nodesAt(origin);
    if (nodes.length === 0) throw new HttpSilenceError(`nobody is at ${origin}`);
    const node = this.parts.random.pick(nodes);
    const exchange = {
      node: 1,
      method: form === undefined ? 'GET' : 'POST',
      path: pathname,
      query: searchParams,
      base: origin,
      request: REQUEST,
      response: RESPONSE,
      envelope: () => Promise.resolve(form?.['tx'] ?? ''),
    };
    const label = form === undefined ? pathname.slice(0, 30) : 'an envelope';
    return await this.parts.actor.step(`${exchange.method} ${node.url} ${label}`, () =>
      form === undefined ? this.read(node, exchange) : this.submit(node, exchange, form['tx'] ?? ''),
    );
  }

  stream(): Promise<IncomingMessage> {
    return Promise.reject(new HttpSilenceError('no streams here: the simulation asks for ledgers'));
  }

  close(): void {
    // There is nothing open.
  }

  private async read(node: SimulatedNode, exchange: Exchange): Promise<HttpAnswer> {
    const { random, weather } = this.parts;
    if (node.down || random.chance(weather.failRead)) {
      if (node.down || random.chance(0.5)) throw new HttpSilenceError('cut');
      return gatewayAnswer(random.pick(GATEWAY_STATUSES));
    }
    return toAnswer(await replyOf(node, exchange));
  }

  private async submit(node: SimulatedNode, exchange: Exchange, payload: string): Promise<HttpAnswer> {
    const { actor, network, onSubmit, random, weather } = this.parts;
    actor.pass('before an envelope is sent');
    onSubmit(payload);
    const transaction = network.decode(payload);
    if (transaction === null) throw new Error('an envelope that no node could read');
    if (node.down || random.chance(weather.loseRequest)) throw new HttpSilenceError('the request was lost');
    const treatment = this.treatment();
    if (treatment.kind === 'arrive-late') {
      network.treat(transaction, treatment);
      actor.pass('an envelope is on its way');
      throw new HttpSilenceError('no answer in time');
    }
    const failsEarly = random.chance(weather.gateway / 2);
    if (failsEarly) return gatewayAnswer(random.pick(GATEWAY_STATUSES));
    const reply = await replyOf(node, exchange);
    network.spoil(transaction, treatment);
    actor.pass('the node has an envelope and nobody knows');
    if (random.chance(weather.loseAnswer)) throw new HttpSilenceError('the answer was lost');
    if (random.chance(weather.gateway / 2)) return gatewayAnswer(random.pick(GATEWAY_STATUSES));
    return toAnswer(reply);
  }

  private treatment(): Treatment {
    const { random, weather } = this.parts;
    const ledgers = 1 + random.below(random.pick(LEDGERS_LATE_MAX));
    if (random.chance(weather.arriveLate)) return { kind: 'arrive-late', ledgers };
    if (random.chance(weather.holdBack)) return { kind: 'hold', ledgers };
    if (random.chance(weather.drop)) return { kind: random.chance(0.5) ? 'drop-at-once' : 'drop-with-age' };
    return { kind: 'as-ever' };
  }
}

async function replyOf(node: SimulatedNode, exchange: Exchange): Promise<Reply> {
  try {
    const reply = await answer(exchange, node.context);
    if (reply === null) throw new Error('a stream is no answer');
    return reply;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // A missing account is missing in some ledger, as the sandbox' server says too.
    const headers = exchange.path.startsWith('/accounts/')
      ? { 'latest-ledger': String(node.context.history.latestSequence) }
      : {};
    return problemReply(error, headers);
  }
}

const toAnswer = ({ status, body, headers }: Reply): HttpAnswer => ({
  status,
  body,
  header: (name) => headers?.[name.toLowerCase()],
});

const gatewayAnswer = (status: number): HttpAnswer => ({
  status,
  body: '<html><body><h1>Error</h1></body></html>',
  header: () => undefined,
});
