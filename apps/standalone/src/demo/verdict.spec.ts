import { generatePeople } from '../people/people-generator';
import { HttpClient } from './http-client';
import { Inbox } from './inbox';
import { LedgerClient, type LedgerPayment } from './ledger-client';
import { LedgerWatch } from './ledger-watch';
import { Recipient } from './recipient';
import { judge, type Verdict } from './verdict';

const ASSET = { code: 'AID', issuer: 'GISSUER' };
const ACCOUNT = 'GDISTRIBUTION';

/** A ledger that holds these payments and nothing else. */
class LedgerOf extends LedgerClient {
  constructor(private readonly held: readonly LedgerPayment[]) {
    super(new HttpClient({ totalMs: 0, answerWithinMs: 1 }), 'http://unused');
  }

  override payments(_: string, cursor: string): Promise<LedgerPayment[]> {
    return Promise.resolve(this.held.filter(({ pagingToken }) => pagingToken > cursor));
  }
}

describe('the verdict on a disbursement', () => {
  const people = generatePeople({ count: 3 });
  const world = {
    http: new HttpClient({ totalMs: 0, answerWithinMs: 1 }),
    ledger: new LedgerOf([]),
    inbox: new Inbox(),
    wallet: { domain: 'localhost', signUrl: '' },
    secret: 'a test',
  };
  const recipients = people.map((person) => new Recipient(person, world));
  const inFile = people.reduce((sum, { amount }) => sum + amount, 0n);

  it('is good when file, platform, ledger and accounts agree', async () => {
    expect(await verdictOn(paymentsOf([0, 1, 2]))).toMatchObject({
      sumsEqual: true,
      confirmedOnLedger: 3,
      doublePaid: 0,
      wrongAmount: 0,
      onLedger: inFile,
    });
  });

  it('sees a person who was paid twice', async () => {
    expect(await verdictOn(paymentsOf([0, 1, 2, 1]))).toMatchObject({
      sumsEqual: false,
      doublePaid: 1,
      wrongAmount: 1,
    });
  });

  it('sees a person who was not paid', async () => {
    expect(await verdictOn(paymentsOf([0, 2]))).toMatchObject({ sumsEqual: false, confirmedOnLedger: 2 });
  });

  it('sees a single stroop that one got and another did not, though the sums agree', async () => {
    const [first, second, third] = paymentsOf([0, 1, 2]);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three');
    const moved = [plus(first, 1n), plus(second, -1n), third];
    expect(await verdictOn(moved)).toMatchObject({ sumsEqual: true, wrongAmount: 2 });
  });

  it('does not count other assets, other payers and failed ledger transactions', async () => {
    const [first] = paymentsOf([0]);
    if (first === undefined) throw new Error('one');
    const others = [
      { ...first, assetIssuer: 'GANOTHER' },
      { ...first, from: 'GSOMEBODY' },
      { ...first, successful: false },
    ].map((payment, index) => ({ ...payment, pagingToken: `9${String(index)}` }));
    expect(await verdictOn([...paymentsOf([0, 1, 2]), ...others])).toMatchObject({
      sumsEqual: true,
      doublePaid: 0,
    });
  });

  async function verdictOn(payments: readonly LedgerPayment[]): Promise<Verdict> {
    const watch = new LedgerWatch(new LedgerOf(payments), { account: ACCOUNT, asset: ASSET });
    await watch.catchUp();
    const before = new Map(recipients.map(({ key }) => [key.address, 5n]));
    const after = new Map(
      recipients.map(({ key: { address } }) => [address, 5n + watch.of(address).sum] as const),
    );
    return judge({ recipients, watch, before, after, inPayments: inFile });
  }

  function paymentsOf(indexes: readonly number[]): LedgerPayment[] {
    return indexes.map((index, position) => ({
      pagingToken: String(position + 1),
      successful: true,
      from: ACCOUNT,
      to: recipients[index]?.key.address ?? '',
      amount: decimals(people[index]?.amount ?? 0n),
      assetCode: ASSET.code,
      assetIssuer: ASSET.issuer,
    }));
  }
});

const decimals = (stroops: bigint): string => {
  const text = String(stroops).padStart(8, '0');
  return `${text.slice(0, -7)}.${text.slice(-7)}`;
};
const plus = (payment: LedgerPayment, stroops: bigint): LedgerPayment => ({
  ...payment,
  amount: decimals(BigInt(payment.amount.replace('.', '')) + stroops),
});
