import { XLM } from '@libs/kernel';

import { assetKey, type DestinationFacts, factsOf, obstacleTo, type PlannedPayment } from './destination';
import type { BalanceLine, LedgerAccount } from './ledger-account';

const USD = { code: 'USD', issuer: 'GISSUER' };
const payment: PlannedPayment = { destination: 'GPERSON', asset: USD, amount: 10n, memo: null };

const line = (more: Partial<BalanceLine> = {}): BalanceLine => ({
  asset: USD,
  balance: 5n,
  limit: 20n,
  buyingLiabilities: 3n,
  sellingLiabilities: 0n,
  authorized: true,
  ...more,
});
const accountWith = (balances: readonly BalanceLine[], memoRequired = false): LedgerAccount => ({
  address: 'GPERSON',
  sequence: 1n,
  latestLedger: 1,
  balances: [line({ asset: XLM, limit: null }), ...balances],
  signers: [],
  thresholds: { low: 0, medium: 0, high: 0 },
  subentries: 0,
  sponsoring: 0,
  sponsored: 0,
  memoRequired,
});
const facts = (...balances: BalanceLine[]): DestinationFacts => factsOf('GPERSON', accountWith(balances));

describe('what stands in the way of a payment', () => {
  it('is nothing where the account trusts the asset and has room for the amount, to the last stroop', () => {
    expect(obstacleTo(facts(line()), { ...payment, amount: 12n })).toBeNull();
    expect(obstacleTo(facts(line()), { ...payment, amount: 13n })).toBe('account_may_not_hold_that_much');
  });

  it('is an account that is not there, a missing trustline, or one that the issuer has not authorised', () => {
    expect(obstacleTo(factsOf('GPERSON', null), { ...payment, asset: XLM })).toBe('account_does_not_exist');
    expect(obstacleTo(facts(), payment)).toBe('account_does_not_trust_the_asset');
    expect(obstacleTo(facts(line({ authorized: false })), payment)).toBe('issuer_has_not_authorized_account');
  });

  it('is a memo that the account asks for and the payment has not', () => {
    const asking = factsOf('GPERSON', accountWith([line()], true));
    expect(obstacleTo(asking, payment)).toBe('account_requires_a_memo');
    expect(obstacleTo(asking, { ...payment, memo: { type: 'id', value: '1' } })).toBeNull();
  });

  it('is nothing for XLM, and nothing for the issuer of the asset itself', () => {
    expect(obstacleTo(facts(), { ...payment, asset: XLM, amount: 10n ** 18n })).toBeNull();
    expect(obstacleTo(facts(), { ...payment, destination: USD.issuer })).toBeNull();
  });

  it('is not known where the account trusts more assets than were kept', () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      line({ asset: { code: `A${String(index)}`, issuer: 'GISSUER' } }),
    );
    const kept = facts(...many);
    expect([Object.keys(kept.lines).length, kept.isPartial, obstacleTo(kept, payment)]).toEqual([
      50,
      true,
      'unknown',
    ]);
    expect(kept.lines[assetKey({ code: 'A7', issuer: 'GISSUER' })]).toEqual({ authorized: true, room: 12n });
  });
});
