import { DisbursementWorld } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

/** The last and first moments of a day in India and in UTC. */
const MADE_AT = [
  '2026-03-01T18:29:59.999999Z',
  '2026-03-01T18:30:00.000000Z',
  '2026-03-01T23:59:59.999999Z',
  '2026-03-02T00:00:00.000000Z',
];
const LISTS = ['payments', 'receivers', 'disbursements'];
const DAYS = [
  { query: 'created_at_before=2026-03-01', rows: 3 },
  { query: 'created_at_after=2026-03-02', rows: 1 },
  { query: 'created_at_after=2026-03-01&created_at_before=2026-03-01', rows: 3 },
  { query: 'created_at_after=2026-03-01&created_at_before=2026-03-02', rows: 4 },
];
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** All moments of an answer, however deep: `place: text`. */
function momentsIn(value: unknown, place = ''): string[] {
  if (typeof value === 'string') return place.endsWith('_at') ? [`${place}: ${value}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => momentsIn(inner, `${place}.${name}`));
}

describe('moments and days, where the database has another time zone than UTC', () => {
  let server: TestServer;
  let own: DisbursementWorld;

  /** Of all later connections, in this database only: its role belongs to others as well. */
  async function setTimeZone(zone: string): Promise<void> {
    await server.sql(
      `DO $$ BEGIN EXECUTE format('ALTER ROLE distributary_dashboard_api IN DATABASE %I SET timezone = ''${zone}''', current_database()); END $$`,
    );
    await server.connectAnew();
    const context = { tenantId: own.tenant.id, actor: 'system:test', trace: '' };
    const asked = await server.platform.unitOfWork.run(context, (tx) => tx.queryOne('SHOW timezone'));
    expect(asked).toEqual({ TimeZone: zone });
  }

  beforeAll(async () => {
    server = await TestServer.start();
    own = await DisbursementWorld.make(server, 'acme');
    const id = await own.ready(MADE_AT.length);
    for (let more = 1; more < MADE_AT.length; more += 1) await own.create();
    await server.sql(
      `UPDATE disbursements.payments SET status_history = status_history || history_entry('DRAFT', 'system:test', '')`,
    );
    await server.sql('UPDATE receivers.receiver_wallets SET invitation_sent_at = created_at');
    await server.sql('UPDATE catalogue.assets SET deleted_at = created_at');
    for (const table of ['disbursements.payments', 'receivers.receivers', 'disbursements.disbursements'])
      await server.sql(
        `UPDATE ${table} t SET created_at = m.at
           FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM ${table}) r
           JOIN unnest($1::timestamptz[]) WITH ORDINALITY AS m (at, n) ON m.n = r.n WHERE t.id = r.id`,
        [MADE_AT],
      );
    const [payment] = await own.payments(id);
    const changed = { email: 'changed@people.test' };
    const path = `/receivers/${String(payment?.['receiver_id'])}`;
    expect((await own.call('PATCH', path, changed)).status).toBe(200);
  });
  beforeEach(() => setTimeZone('Asia/Kolkata'));
  afterAll(() => server.stop());

  it('are written in UTC and to the millisecond, however deep they are in an answer', async () => {
    const [payment] = await server.sql('SELECT id, disbursement_id FROM disbursements.payments LIMIT 1');
    const shown = await Promise.all(
      [
        ...[...LISTS, 'assets', 'wallets'].map((list) => `/${list}`),
        `/payments/${String(payment?.['id'])}`,
        `/disbursements/${String(payment?.['disbursement_id'])}`,
        ...['receivers', 'review'].map(
          (of) => `/disbursements/${String(payment?.['disbursement_id'])}/${of}`,
        ),
      ].map(async (path) => (await own.call('GET', path)).body),
    );
    const moments = momentsIn(shown);
    for (const place of [
      'receiver_wallet.created_at',
      'receiver_wallet.updated_at',
      'receiver_wallet.invitation_sent_at',
      'disbursement.created_at',
      'disbursement.updated_at',
      'asset.deleted_at',
      'changed_at',
    ])
      expect([place, moments.some((moment) => moment.includes(`.${place}: `))]).toEqual([place, true]);
    expect(moments.filter((moment) => !MOMENT.test(moment.split(': ')[1] ?? ''))).toEqual([]);
  });

  it.each(LISTS)('of the list and the file of %s are the days of UTC', async (list) => {
    const read = async (): Promise<readonly string[]> => {
      const answers = [];
      for (const { query, rows } of DAYS)
        for (const direction of ['asc', 'desc']) {
          const asked = `${list}?sort=created_at&direction=${direction}&${query}`;
          const [listed, file] = [
            await own.call('GET', `/${asked}`),
            await own.call('GET', `/exports/${asked}`),
          ];
          expect(listed.body).toMatchObject({ pagination: { total: rows } });
          expect([query, file.text.trim().split('\r\n').length - 1]).toEqual([query, rows]);
          answers.push(listed.text, file.text);
        }
      return answers;
    };
    const inIndia = await read();
    await setTimeZone('UTC');
    expect(inIndia).toEqual(await read());
  });
});
