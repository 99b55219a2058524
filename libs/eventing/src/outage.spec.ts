import { NoConnectionError } from '@libs/persistence';

import { OutageError } from './eventing.errors';
import { isOutage } from './outage';

const withCode = (code: string): Error => Object.assign(new Error('said by the server'), { code });

describe('an outage', () => {
  it.each(['08006', '57P01', '57P03', '53300', 'ECONNREFUSED', 'ECONNRESET'])(
    'is told by the code %s',
    (code) => {
      expect(isOutage(withCode(code))).toBe(true);
    },
  );

  it('is told by what the client says without a code', () => {
    expect(isOutage(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isOutage(new NoConnectionError(new Error('timeout exceeded when trying to connect')))).toBe(true);
    expect(isOutage(new OutageError('known'))).toBe(true);
  });

  it.each(['23505', '22P02', '57014', '40001', '42501'])(
    'is not what a statement was refused for, as %s',
    (code) => {
      expect(isOutage(withCode(code))).toBe(false);
    },
  );

  it('is not an error of a handler', () => {
    expect(isOutage(new Error('the receiver is not there'))).toBe(false);
    expect(isOutage('text')).toBe(false);
  });
});
