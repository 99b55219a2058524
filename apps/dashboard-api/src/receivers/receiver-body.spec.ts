import { HttpProblem } from '@libs/http';

import { memoOf, readReceiverEdit, readReceiverOrder } from './receiver-body';

const TODAY = new Date('2026-11-22T12:00:00Z');
const ADDRESS = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';

/** What is wrong with a body, by field. */
function extrasOf(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    if (error instanceof HttpProblem) return error.body.extras;
    throw error;
  }
  return 'nothing is wrong';
}
const order = (more: object): object => ({
  email: 'ada@people.test',
  external_id: 'p-1',
  verifications: [{ type: 'PIN', value: '1234' }],
  ...more,
});

describe('what staff send about a person', () => {
  it.each(['pin', 'national_id', 'date_of_birth', 'year_month'])('has no %s that is not a text', (field) => {
    for (const value of [123, true, {}, ['1234'], '12\u000034']) {
      expect(extrasOf(() => readReceiverEdit({ [field]: value }, TODAY))).toEqual({
        [field]: 'the value must be a text',
      });
    }
  });

  it('has no value of a new person that is not a text', () => {
    const verifications = [{ type: 'NATIONAL_ID_NUMBER', value: 123 }];
    expect(extrasOf(() => readReceiverOrder(order({ verifications }), TODAY))).toEqual({
      'verifications[0].value': 'the value must be a text',
    });
  });

  it.each(['wallets', 'verifications'])('names no %s that are not a list', (name) => {
    const both = { wallets: [{ address: ADDRESS }], [name]: { address: ADDRESS } };
    expect(extrasOf(() => readReceiverOrder(order(both), TODAY))).toEqual({
      [name]: `${name} must be a list`,
    });
  });

  it('has no memo that cannot be stored', () => {
    const wallets = [{ address: ADDRESS, memo: 77 }];
    expect(extrasOf(() => readReceiverOrder(order({ wallets }), TODAY))).toHaveProperty(['wallets[0].memo']);
    expect(memoOf('a\0b')).toBeUndefined();
    expect(memoOf('hello')).toEqual({ type: 'text', value: 'hello' });
  });
});
