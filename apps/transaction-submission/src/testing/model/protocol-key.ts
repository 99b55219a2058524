import type { AttemptState, Bounds, EnvelopeState, ProtocolState } from './protocol-state';

type Order = readonly number[];

/** Which payments the bounds treat alike: only those may change places. */
const kindOf = (bounds: Bounds, payment: number): string =>
  `${String(bounds.mayFail.includes(payment))}${String(bounds.cannotPass.includes(payment))}`;

/**
 * The same text for states that differ only in which of several equal payments, channel accounts or workers is which: what
 * can be reached from one of them can be reached from the others, with the names changed.
 */
export function keyOf(state: ProtocolState, bounds: Bounds): string {
  const payments = ordersOf(
    state.payments.map(
      (one, index) =>
        `${kindOf(bounds, index)}${one.submission}${String(one.dispatch)}${String(one.paid)}${one.told ?? ''}`,
    ),
  );
  const channels = ordersOf(
    state.channels.map(
      (one) => `${one.live === null ? '' : 'l'}${String(one.known)}${one.recent.map(Number).join('')}`,
    ),
  );
  const workers = ordersOf(
    state.workers.map((one) => (one.at === 'rest' ? '' : `${one.at}${String(one.isOwner)}`)),
  );
  let least: string | null = null;
  for (const payment of payments) {
    for (const channel of channels) {
      for (const worker of workers) {
        const text = textOf(state, { payment, channel, worker });
        if (least === null || text < least) least = text;
      }
    }
  }
  return least ?? '';
}

/** All orders that sort by these texts: where some are equal, each of them may come first. */
function ordersOf(texts: readonly string[]): readonly Order[] {
  const sorted = [...texts.entries()].sort(([, one], [, other]) => (one < other ? -1 : one > other ? 1 : 0));
  let orders: readonly Order[] = [[]];
  for (const [, text] of sorted) {
    orders = orders.flatMap((order) =>
      sorted
        .filter(([index, other]) => other === text && !order.includes(index))
        .map(([index]) => [...order, index]),
    );
  }
  return orders;
}

function textOf(
  state: ProtocolState,
  orders: { readonly payment: Order; readonly channel: Order; readonly worker: Order },
): string {
  const payment = (index: number | null): string =>
    index === null ? 'n' : String(orders.payment.indexOf(index));
  const channel = (index: number): string => String(orders.channel.indexOf(index));
  const of = (one: AttemptState | EnvelopeState): string =>
    `${payment(one.payment)}${channel(one.channel)}${String(one.dispatch)}${String(one.ahead)},${String(one.left)}${
      'status' in one
        ? `${one.status}${one.isRefused ? 'r' : ''}${one.fate === null ? '' : `${one.fate}${String(one.age)}`}`
        : ''
    }`;
  const names = new Map<number, number>();
  const name = (id: number): string => {
    const known = names.get(id) ?? names.size;
    names.set(id, known);
    return String(known);
  };
  const sorted = (all: readonly (AttemptState | EnvelopeState)[]): string =>
    all
      .map((one) => ({ id: one.id, own: of(one) }))
      .sort((one, other) => (one.own < other.own ? -1 : 1))
      .map(({ id, own }) => `${name(id)}:${own}`)
      .join();
  const parts = [sorted(state.attempts), sorted(state.network)];
  for (const index of orders.payment) {
    const one = state.payments[index];
    if (one !== undefined)
      parts.push(`${one.submission}${String(one.dispatch)}${String(one.paid)}${one.told ?? ''}`);
  }
  for (const index of orders.channel) {
    const one = state.channels[index];
    if (one === undefined) continue;
    const owner = one.owner < 0 ? 'n' : String(orders.worker.indexOf(one.owner));
    parts.push(
      `${owner}${one.live === null ? '' : name(one.live)}/${String(one.known)}${one.recent.map(Number).join('')}`,
    );
  }
  for (const index of orders.worker) {
    const one = state.workers[index];
    if (one === undefined || one.at === 'rest') {
      parts.push('r');
      continue;
    }
    const isKnown = state.attempts.some(({ id }) => id === one.mine.id);
    parts.push(`${one.at}${one.isOwner ? 'o' : ''}${name(one.mine.id)}:${isKnown ? '' : of(one.mine)}`);
  }
  const listed = state.hold?.listed.map(payment).sort().join('') ?? '-';
  parts.push(`h${listed}`, String(state.restored));
  return parts.join('|');
}
