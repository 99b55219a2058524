import { parseAmount } from '@libs/kernel';

import { peopleFile } from '../people/people-file';
import type { Person } from '../people/person';
import { textOf } from './json';
import type { Organisation } from './organisation';

export interface DisbursementState {
  readonly status: string;
  readonly paid: number;
  readonly failed: number;
  /** In stroops. */
  readonly amountPaid: bigint;
}

const UPLOAD_LOOK_MS = 500;

/** One disbursement, as the initiator makes it and the approver starts it. */
export class Disbursement {
  private constructor(
    private readonly organisation: Organisation,
    readonly id: string,
  ) {}

  static async create(organisation: Organisation, name: string): Promise<Disbursement> {
    const created = await organisation.initiator.post('/disbursements', {
      name,
      asset_id: organisation.assetId,
      wallet_id: organisation.walletId,
      registration_contact_type: 'PHONE_NUMBER',
      verification_field: 'DATE_OF_BIRTH',
    });
    return new Disbursement(organisation, textOf(created, 'id'));
  }

  async upload(people: readonly Person[]): Promise<void> {
    const file = { name: `demo-${String(people.length)}.csv`, content: peopleFile(people) };
    const answer = await this.organisation.initiator.upload(`/disbursements/${this.id}/instructions`, file);
    // A large file is published behind its answer.
    if (answer['upload_id'] !== undefined) await this.published();
  }

  private async published(): Promise<void> {
    for (;;) {
      const upload = await this.organisation.initiator.get(`/disbursements/${this.id}/upload`);
      const state = textOf(upload, 'state');
      if (state === 'PUBLISHED') return;
      if (state === 'REFUSED' || state === 'LOST')
        throw new Error(`the file of people was not published: ${JSON.stringify(upload).slice(0, 1_000)}`);
      await new Promise((resolve) => setTimeout(resolve, UPLOAD_LOOK_MS));
    }
  }

  async start(): Promise<void> {
    await this.organisation.approver.patch(`/disbursements/${this.id}/status`, { status: 'STARTED' });
  }

  async state(): Promise<DisbursementState> {
    const body = await this.organisation.approver.get(`/disbursements/${this.id}`);
    return {
      status: textOf(body, 'status'),
      paid: Number(body['total_payments_sent'] ?? 0),
      failed: Number(body['total_payments_failed'] ?? 0),
      amountPaid: amountIn(body['amount_disbursed']),
    };
  }

  /** The phone numbers of those in the file who had registered with their wallet before. */
  async registeredPhones(): Promise<Set<string>> {
    const receivers = await this.organisation.approver.everyPage('/receivers?status=registered');
    return new Set(
      receivers.flatMap(({ phone_number: phone }) => (typeof phone === 'string' ? [phone] : [])),
    );
  }
}

function amountIn(value: unknown): bigint {
  const parsed = parseAmount(typeof value === 'string' ? value : '');
  return parsed.ok ? parsed.value : 0n;
}
