import { DisbursementWorld, idOf } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { person } from '../testing/people';
import { TestServer } from '../testing/test-server';

const HEADERS = {
  payments:
    'ID,Amount,StellarTransactionID,Status,Type,Disbursement.ID,Asset.Code,Asset.Issuer,Wallet.Name,Receiver.ID,' +
    'Receiver.PhoneNumber,Receiver.Email,Receiver.ExternalID,ReceiverWallet.Address,ReceiverWallet.Status,CreatedAt,' +
    'UpdatedAt,ExternalPaymentID,CircleTransferRequestID',
  receivers:
    'ID,Email,PhoneNumber,ExternalID,CreatedAt,UpdatedAt,TotalPayments,SuccessfulPayments,FailedPayments,' +
    'CanceledPayments,RemainingPayments,RegisteredWallets,ReceivedAmounts',
  disbursements:
    'ID,Name,Wallet.Name,Asset.Code,Asset.Issuer,Status,VerificationField,CreatedAt,UpdatedAt,RegistrationContactType,' +
    'TotalPayments,SuccessfulPayments,FailedPayments,CanceledPayments,RemainingPayments,AmountDisbursed,TotalAmount,AverageAmount',
} as const;
type Kind = keyof typeof HEADERS;
/** The moments of a test are its own business. */
const MOMENT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\b/g;

describe('an export', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const world = (): Promise<DisbursementWorld> => fundedWorld(server);

  /** The lines of the file without its first and the empty end. */
  async function lines(own: DisbursementWorld, kind: Kind, query = ''): Promise<string[]> {
    const reply = await own.call('GET', `/exports/${kind}${query}`);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/csv']);
    expect(reply.headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename=${kind}_\\d{4}(-\\d\\d){5}\\.csv$`),
    );
    const [header, ...rows] = reply.text.split('\r\n');
    expect([header, rows.pop()]).toEqual([HEADERS[kind], '']);
    return rows;
  }

  const pay = async (own: DisbursementWorld, receiver: string, more: object = {}): Promise<string> =>
    idOf(
      await own.call('POST', '/payments', {
        amount: '12.5',
        asset: { id: own.assetId },
        receiver: { id: receiver },
        wallet: { id: own.walletId },
        ...more,
      }),
    );

  it('of payments has every column, and what is not there is empty', async () => {
    const own = await world();
    const to = await person(own);
    const direct = await pay(own, to.id, { external_payment_id: 'INV-7' });
    const { id, payments } = await own.started(1);
    const hash = 'ab'.repeat(32);
    await server.sql(
      `UPDATE disbursements.payments SET status = 'SUCCESS', stellar_transaction_id = $2, updated_at = now() WHERE id = $1`,
      [payments[0], hash],
    );
    const [payment] = await own.payments(id);
    const rows = await lines(own, 'payments', '?sort=updated_at&direction=asc');
    const [receiver] = await server.sql('SELECT * FROM receivers.receivers WHERE id = $1', [
      payment?.['receiver_id'],
    ]);
    expect(rows.map((row) => row.replaceAll(MOMENT, '<time>'))).toEqual([
      `${direct},12.5000000,,READY,DIRECT,,XLM,,Kite,${to.id},${to.phone},${to.email},E-${/\d+/.exec(to.email)?.[0] ?? ''},` +
        `${to.address},REGISTERED,<time>,<time>,INV-7,`,
      `${payments[0] ?? ''},10.0000000,${hash},SUCCESS,DISBURSEMENT,${id},XLM,,Kite,${String(payment?.['receiver_id'])},` +
        `${String(receiver?.['phone_number'])},,${String(receiver?.['external_id'])},,DRAFT,<time>,<time>,,`,
    ]);
    const listed = (await own.call('GET', `/payments/${direct}`)).body;
    expect(rows[0]?.match(MOMENT)).toEqual([
      Reflect.get(Object(listed), 'created_at'),
      Reflect.get(Object(listed), 'updated_at'),
    ]);
  });

  it('of receivers counts their payments and sums what they got, by asset', async () => {
    const own = await world();
    const [to, nobody] = [await person(own), await person(own, 'READY')];
    const ids = [await pay(own, to.id), await pay(own, to.id), await pay(own, to.id), await pay(own, to.id)];
    for (const [index, status] of ['SUCCESS', 'SUCCESS', 'FAILED', 'CANCELED'].entries()) {
      await server.sql(
        `UPDATE disbursements.payments SET status = $2, stellar_transaction_id = 'x' WHERE id = $1`,
        [ids[index], status],
      );
    }
    await pay(own, to.id);
    const rows = await lines(own, 'receivers', '?sort=created_at&direction=asc');
    expect(rows.map((row) => row.replaceAll(MOMENT, '<time>').split(',').slice(3).join(','))).toEqual([
      expect.stringMatching(/^E-\d+,<time>,<time>,5,2,1,1,1,1,25\.0000000 XLM$/),
      expect.stringMatching(/^E-\d+,<time>,<time>,0,0,0,0,0,0,$/),
    ]);
    expect(rows.map((row) => row.split(',').slice(0, 3))).toEqual([
      [to.id, to.email, to.phone],
      [nobody.id, nobody.email, nobody.phone],
    ]);
  });

  it('of disbursements has the numbers of their screens', async () => {
    const own = await world();
    const { id, payments } = await own.started(3);
    await own.movePayments(id, 'submit');
    await own.movePayments(id, 'settle');
    expect(payments).toHaveLength(3);
    const empty = await own.create();
    const rows = await lines(own, 'disbursements', '?sort=created_at&direction=asc');
    const name = (await own.call('GET', `/disbursements/${id}`)).body;
    expect(rows.map((row) => row.replaceAll(MOMENT, '<time>'))).toEqual([
      `${id},${String(Reflect.get(Object(name), 'name'))},Kite,XLM,,STARTED,DATE_OF_BIRTH,<time>,<time>,PHONE_NUMBER,` +
        '3,3,0,0,0,30.0000000,30.0000000,10.0000000',
      expect.stringMatching(
        new RegExp(
          `^${empty},aid [-0-9a-f]+,Kite,XLM,,DRAFT,DATE_OF_BIRTH,<time>,<time>,PHONE_NUMBER,0,0,0,0,0,0.0000000,0.0000000,0.0000000$`,
        ),
      ),
    ]);
  });

  it('lets no cell run as a formula, and quotes what needs it', async () => {
    const own = await world();
    const to = await person(own);
    const cells: [string, string][] = [
      ['=HYPERLINK("http://evil.test")', `"'=HYPERLINK(""http://evil.test"")"`],
      ['+1', "'+1"],
      ['-1', "'-1"],
      ['@SUM(A1)', "'@SUM(A1)"],
      ['＝1', "'＝1"],
      ['a,b', '"a,b"'],
      ['say "hi"', '"say ""hi"""'],
      ['two\nlines', '"two\r\nlines"'],
      ['two\r\nlines', '"two\r\nlines"'],
      ['harmless = 1', 'harmless = 1'],
      // For who reads the table by another separator.
      ['x;=1', "x;'=1"],
      ['x;"@A1"', `"x;""'@A1"""`],
      ['x\t-1;＋1', "x\t'-1;'＋1"],
      ['two\n=lines', `"two\r\n'=lines"`],
      ['Ünïcödé €', 'Ünïcödé €'],
    ];
    for (const [given, written] of cells) {
      const id = await pay(own, to.id, { external_payment_id: given });
      const reply = await own.call('GET', `/exports/payments?q=${id}`);
      expect(reply.text.slice(HEADERS.payments.length + 2)).toMatch(
        new RegExp(`,${written.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')},\\r\\n$`),
      );
    }
    // The other columns of free text.
    await server.sql(`UPDATE receivers.receivers SET external_id = '=2', email = '=3@x.test' WHERE id = $1`, [
      to.id,
    ]);
    await server.sql(`UPDATE catalogue.wallets SET name = '=4' WHERE id = $1`, [own.walletId]);
    const body = { ...own.bodyOf(), name: '=5' };
    await own.call('POST', '/disbursements', body);
    expect((await lines(own, 'receivers'))[0]).toMatch(/^[-0-9a-f]+,'=3@x\.test,\+2547\d+,'=2,/);
    expect((await lines(own, 'disbursements'))[0]).toMatch(/^[-0-9a-f]+,'=5,'=4,/);
    const all = await own.call('GET', '/exports/payments');
    expect(/[,\n"][=@-]/.exec(all.text)).toBeNull();
  });

  it('takes the filters and orders of the list, all pages, and nothing of another organisation', async () => {
    const [own, other] = [await world(), await world()];
    const to = await person(own);
    const id = await own.ready(120, { amount: '1' });
    const direct = [await pay(own, to.id), await pay(own, to.id, { external_payment_id: 'Needle-1' })];
    await pay(other, (await person(other)).id);
    await server.sql(`UPDATE disbursements.payments SET created_at = '2026-03-01T12:00:00Z' WHERE id = $1`, [
      direct[0],
    ]);
    const idsOf = async (query: string): Promise<string[]> =>
      (await lines(own, 'payments', query)).map((row) => row.slice(0, 36));
    const listed = async (query: string): Promise<string[]> => {
      const reply = await own.call('GET', `/payments?page_limit=100${query.replace('?', '&')}`);
      return (Reflect.get(Object(reply.body), 'data') as { readonly id: string }[]).map((one) => one.id);
    };
    expect(await idsOf('')).toHaveLength(122);
    for (const query of [
      '?type=direct',
      '?status=ready&sort=created_at&direction=asc',
      `?receiver_id=${to.id}`,
      '?q=needle',
      '?created_at_after=2026-03-01&created_at_before=2026-03-01',
      '?status=failed',
    ]) {
      expect([query, await idsOf(query)]).toEqual([query, await listed(query)]);
    }
    expect(await lines(own, 'receivers', '?status=registered')).toHaveLength(1);
    expect(await lines(own, 'receivers', `?q=${to.email}`)).toHaveLength(1);
    expect(await lines(own, 'disbursements', '?status=ready,draft')).toHaveLength(1);
    expect(await lines(own, 'disbursements', '?status=started')).toHaveLength(0);
    expect(await lines(own, 'disbursements', `?q=AID&created_at_after=2020-01-01`)).toHaveLength(1);
    expect(await lines(other, 'disbursements')).toHaveLength(0);
    expect((await own.call('GET', `/disbursements/${id}`)).status).toBe(200);
  });

  it.each(['payments', 'receivers'] as const)(
    'of %s finds an id whole or by its beginning, as the list does, and nothing by its middle',
    async (kind) => {
      const own = await world();
      const id = 'feedbac1-9abc-7def-8d5e-9a5b7c6dbeef';
      const { receiverWalletId } = await own.payee();
      await server.sql(
        `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) VALUES ($1, $2, '+254700000002', 'P-2')`,
        [own.tenant.id, id],
      );
      await server.sql(
        `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status)
         SELECT tenant_id, $3, 'DIRECT', receiver_id, id, $4, 70000000, 'READY'
           FROM receivers.receiver_wallets WHERE tenant_id = $1 AND id = $2`,
        [own.tenant.id, receiverWalletId, id, own.assetId],
      );
      const found = async (text: string): Promise<unknown> => {
        const listed = await own.call('GET', `/${kind}?q=${text}`);
        const rows = Reflect.get(Object(listed.body), 'data') as { readonly id: string }[];
        const exported = await lines(own, kind, `?q=${text}`);
        return [text, rows.map((row) => row.id), exported.map((row) => row.slice(0, 36))];
      };
      for (const text of ['f', 'FE', 'feedbac1-9', 'feedbac19abc', id, id.replaceAll('-', '')])
        expect(await found(text)).toEqual([text, [id], [id]]);
      for (const text of ['ef', 'c1', '9abc', '1-9', '-', '--', `${id}0`, 'fg'])
        expect(await found(text)).toEqual([text, [], []]);
    },
  );

  it.each(['payments', 'receivers', 'disbursements'] as const)(
    'of %s refuses what the list refuses, and values never become SQL',
    async (kind) => {
      const own = await world();
      for (const query of ['status=gone', 'sort=amount', 'direction=up', 'created_at_after=yesterday']) {
        const [exported, list] = [
          await own.call('GET', `/exports/${kind}?${query}`),
          await own.call('GET', `/${kind}?${query}`),
        ];
        expect([exported.status, exported.body]).toEqual([
          400,
          { ...Object(list.body), error: 'Request invalid' },
        ]);
      }
      for (const text of ["'", "'); SELECT pg_sleep(9); --", '\\', '%', '$1', '\u0000x']) {
        expect(await lines(own, kind, `?q=${encodeURIComponent(text)}`)).toEqual([]);
      }
    },
  );

  it('is in the audit log, with what was asked for, also when it is broken off', async () => {
    const own = await world();
    await lines(own, 'payments', '?type=direct');
    await own.call('GET', '/exports/receivers?status=gone');
    const { body } = await own.call('GET', '/audit');
    const rows = Reflect.get(Object(body), 'data') as { readonly action: string }[];
    expect(rows.filter(({ action }) => action.includes('/exports/'))).toMatchObject([
      {
        action: 'GET /exports/payments',
        subject: { type: 'exports', id: 'payments' },
        after: { type: 'direct' },
        actor: { type: 'user' },
      },
    ]);
  });

  it.each(['business', 'developer'] as const)('is not for the role %s', async (role) => {
    const own = await world();
    for (const kind of ['payments', 'receivers', 'disbursements']) {
      expect((await own.call('GET', `/exports/${kind}`, undefined, role)).status).toBe(403);
    }
  });
});
