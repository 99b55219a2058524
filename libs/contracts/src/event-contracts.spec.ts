import { EVENT_CONTRACTS } from './event-contracts';
import { deadLetterTopicOf } from './events/envelope';

describe('the events of the platform', () => {
  it('live on these topics', () => {
    expect(EVENT_CONTRACTS.map((contract) => contract.topic)).toEqual([
      'events.disbursement.status_changed',
      'events.payment.requested',
      'events.receiver-wallets.new_invitation',
      'events.messages.requested',
      'events.receiver-wallets.registered',
      'events.payment.ready_to_pay',
      'events.payment.payment_completed',
      'events.ledger-account.requested',
      'events.ledger-account.ready',
    ]);
  });

  it('never share a type, so that a type alone says what an event is', () => {
    const types = EVENT_CONTRACTS.flatMap((contract): readonly string[] => contract.types);
    expect(new Set(types).size).toBe(types.length);
  });

  it('refuse a field that the contract does not name, personal data above all', () => {
    for (const contract of EVENT_CONTRACTS) {
      const parsed = contract.data.safeParse({ phone_number: '+14155550100' });
      expect(parsed.success).toBe(false);
      expect(parsed.error?.issues.some((issue) => issue.code === 'unrecognized_keys')).toBe(true);
    }
  });

  it('commute where a failing event must not hold back the others of its key', () => {
    const unordered = EVENT_CONTRACTS.filter((contract) => contract.order === 'none').map(
      (contract) => contract.topic,
    );
    expect(unordered).toContain('events.payment.ready_to_pay');
    expect(unordered).toContain('events.payment.payment_completed');
    expect(unordered).not.toContain('events.disbursement.status_changed');
  });

  it('have a dead-letter twin each', () => {
    expect(deadLetterTopicOf('events.payment.ready_to_pay')).toBe('events.payment.ready_to_pay.dlq');
  });
});
