import { depositStatus } from './deposit-status.policy';

describe('the status that a wallet sees', () => {
  it('waits for the person, then for the payment, and is complete when everything then waiting is paid', () => {
    expect(depositStatus(null)).toBe('pending_user_info_update');
    expect(depositStatus({ open: 0, paid: 0, failed: 0 })).toBe('pending_anchor');
    expect(depositStatus({ open: 1, paid: 1, failed: 0 })).toBe('pending_anchor');
    expect(depositStatus({ open: 0, paid: 2, failed: 0 })).toBe('completed');
  });

  it('is an error when a payment failed and none is open any more', () => {
    expect(depositStatus({ open: 0, paid: 1, failed: 1 })).toBe('error');
    expect(depositStatus({ open: 1, paid: 0, failed: 1 })).toBe('pending_anchor');
  });
});
