import { attemptMachine, channelAccountMachine, submissionMachine } from '@libs/domain';
import type { StateMachine } from '@libs/kernel';
import type { Client } from 'pg';

import { type SimulatedCore, ViolationError } from './simulated-core';
import type { SimulatedNetwork } from './simulated-network';

interface Told {
  readonly status: string;
  readonly at?: string;
  readonly timestamp?: string;
}

/** I1, I3, I4: payments against what closed ledgers show, in stroops. */
export function checkMoney(core: SimulatedCore, { paid }: SimulatedNetwork): void {
  for (const { id, amount, destination, status } of core.payments) {
    const mine = paid.filter((one) => one.destination === destination);
    if (mine.length > 1)
      throw new ViolationError('I1', `payment ${id} was paid ${String(mine.length)} times`);
    const [only] = mine;
    if (only !== undefined && only.amount !== amount) {
      throw new ViolationError(
        'I4',
        `payment ${id}: ${String(only.amount)} went out instead of ${String(amount)}`,
      );
    }
    if (status === 'SUCCESS' && only === undefined)
      throw new ViolationError('I3', `${id} is SUCCESS and unpaid`);
    if ((status === 'FAILED' || status === 'CANCELED') && only !== undefined) {
      throw new ViolationError('I3', `${id} is ${status} and was paid`);
    }
  }
  const known = new Set(core.payments.map((one) => one.destination));
  const stray = paid.find((one) => !known.has(one.destination));
  if (stray !== undefined)
    throw new ViolationError('I4', `nobody ordered the payment to ${stray.destination}`);
}

/** At any moment of the run: what can be told already. */
export function checkNotPaidTwice(core: SimulatedCore, { paid }: SimulatedNetwork): void {
  const seen = new Set<string>();
  for (const { destination, ledger } of paid) {
    if (!seen.has(destination)) seen.add(destination);
    else {
      const payment = core.payments.find((one) => one.destination === destination);
      throw new ViolationError(
        'I1',
        `payment ${payment?.id ?? '?'} was paid again in ledger ${String(ledger)}`,
      );
    }
  }
}

/** I2: at the end nobody waits. */
export function checkNothingLost(core: SimulatedCore): void {
  const lost = core.payments.filter((one) => !['SUCCESS', 'FAILED', 'CANCELED'].includes(one.status));
  if (lost.length === 0) return;
  throw new ViolationError('I2', lost.map(({ id, status }) => `payment ${id} is still ${status}`).join(', '));
}

/** I2: no history is lost here, so nobody has to compare the database with the ledger before the next is signed. */
export async function checkNotDoubted(admin: Client): Promise<void> {
  const { rows } = await admin.query<{ doubt: string | null }>(
    'SELECT doubt FROM submissions.database_identity',
  );
  const doubt = rows[0]?.doubt ?? null;
  if (doubt !== null) throw new ViolationError('I2', `nothing was lost, and nothing is signed: ${doubt}`);
}

/** I6 and I7 in the tables: one submission per dispatch, each outcome told, and every history follows its machine. */
export async function checkTables(
  admin: Client,
  core: {
    readonly payments: readonly { readonly id: string; readonly dispatch: number }[];
    readonly told: SimulatedCore['told'];
  },
): Promise<void> {
  const { rows } = await admin.query<{
    payment_id: string;
    dispatch: number;
    status: string;
    history: Told[];
  }>(`SELECT payment_id, dispatch, status, status_history AS history FROM submissions.submissions`);
  const handled = new Set(rows.map((one) => `${one.payment_id}/${String(one.dispatch)}`));
  if (handled.size !== rows.length) throw new ViolationError('I6', 'a dispatch has two submissions');
  for (const { id, dispatch } of core.payments) {
    for (let number = 1; number <= dispatch; number += 1) {
      if (!handled.has(`${id}/${String(number)}`)) {
        throw new ViolationError('I6', `dispatch ${String(number)} of payment ${id} was never handled`);
      }
    }
  }
  for (const { payment_id: id, dispatch, status, history } of rows) {
    const told = core.told.get(`${id}/${String(dispatch)}`);
    const expected = { SUCCESS: 'SUCCESS', ERROR: 'FAILED' }[status];
    if (told !== expected)
      throw new ViolationError('I6', `${id} is ${status}, and ${told ?? 'nothing'} was told`);
    checkHistory(submissionMachine, history, `submission of ${id}`);
  }
  const attempts = await admin.query<{ id: string; status: string; ended: boolean; history: Told[] }>(
    `SELECT id, status, ended_at IS NOT NULL AS ended, status_history AS history FROM submissions.attempts`,
  );
  for (const { id, history, ended } of attempts.rows) {
    if (!ended) throw new ViolationError('I2', `attempt ${id} has no end`);
    checkHistory(attemptMachine, history, `attempt ${id}`);
  }
  const channels = await admin.query<{ address: string; live: string | null; history: Told[] }>(
    `SELECT address, live_attempt AS live, status_history AS history FROM submissions.channel_accounts`,
  );
  for (const { address, history, live } of channels.rows) {
    if (live !== null) throw new ViolationError('I2', `channel account ${address} never came free`);
    checkHistory(channelAccountMachine, history, `channel account ${address}`);
  }
}

/** A lease that changes hands keeps its state, so a state may follow itself there. */
function checkHistory<State extends string>(
  machine: StateMachine<State, string>,
  history: readonly Told[],
  whose: string,
): void {
  for (const [index, { status }] of history.entries()) {
    const before = history[index - 1]?.status;
    const follows =
      before === undefined
        ? machine.initial.some((one) => one === status)
        : before === status ||
          machine.moveNames.some(
            (move) =>
              machine.targetOf(move) === status &&
              machine.sourcesOf(move).some((source) => source === before),
          );
    if (!follows) throw new ViolationError('I7', `${whose}: ${status} after ${before ?? 'nothing'}`);
  }
}
