import { type Sandbox, startSandbox } from '../../sandbox';
import { at } from '../ledger-client';
import { recorded } from './corpus';
import { payTo } from './operation-forms';
import { Stage, units } from './stage';

/** Real streams look for news every 5 s and live for 55 s; here they do the same, a hundred times as fast. */
const TICK_MS = 50;
const LIFETIME_MS = 550;

const scenarios = recorded('sse');
const fieldsOf = (scenario: string): Readonly<Record<string, unknown>> =>
  scenarios.find((one) => one.scenario === scenario)?.fields ?? {};

interface Followed {
  readonly status: number;
  readonly contentType: string | null;
  /** All that came, in frames. */
  readonly frames: string[];
  readonly ended: boolean;
}

const frameKinds = (frames: readonly string[]): string[] =>
  frames.map((frame) => /^event: (\w+)$/m.exec(frame)?.[1] ?? (frame.startsWith('id: ') ? 'record' : 'data'));

/** The kinds of frames that were recorded; each record is one frame. */
function recordedKinds(scenario: string): string[] {
  const chunks = fieldsOf(scenario)['chunks'];
  const texts = (Array.isArray(chunks) ? chunks : []).flatMap((chunk: unknown) => {
    const text = at(chunk, 'text');
    return typeof text === 'string' ? [text] : [];
  });
  return frameKinds(
    texts
      .join('')
      .split('\n\n')
      .filter((frame) => frame !== '')
      .flatMap(splitRecords),
  );
}

/** Recorded texts were cut inside a record, so the next frame may follow without its blank line. */
const splitRecords = (frame: string): string[] => frame.split(/…(?=id: |retry: )/);

const covered = new Set<string>();
function replay(scenario: string, act: () => Promise<void>): void {
  covered.add(scenario);
  it(scenario, act);
}

describe('The streams of the sandbox behave as those of a real network', () => {
  let sandbox: Sandbox;
  let stage: Stage;
  let account: string;

  beforeEach(async () => {
    sandbox = await startSandbox({ closeMs: 0, streamTickMs: TICK_MS, streamLifetimeMs: LIFETIME_MS });
    stage = new Stage(sandbox);
    await stage.fund('A', 'B');
    account = stage.key('A').publicKey();
  });

  afterEach(async () => {
    await sandbox.close();
  });

  const pay = async (): Promise<void> => stage.do(stage.key('B'), [payTo(stage.key('A'), units(1))]);

  /** Follows a stream until it ends or has sent so many frames. */
  async function follow(
    path: string,
    options: {
      readonly frames?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly opened?: () => Promise<void>;
    } = {},
  ): Promise<Followed> {
    const abort = new AbortController();
    const headers = { accept: 'text/event-stream', ...options.headers };
    const response = await fetch(`${sandbox.url}${path}`, { headers, signal: abort.signal });
    const work = options.opened?.();
    let text = '';
    let ended = false;
    const frames = (): string[] => text.split('\n\n').slice(0, -1);
    const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
    while (reader !== undefined && frames().length < (options.frames ?? Number.POSITIVE_INFINITY)) {
      const chunk = await reader.read();
      ended = chunk.value === undefined;
      if (ended) break;
      text += Buffer.from(chunk.value ?? []).toString('utf8');
    }
    await work;
    abort.abort();
    const contentType = response.headers.get('content-type');
    return {
      status: response.status,
      contentType,
      frames: ended && !text.startsWith('retry') ? [text] : frames(),
      ended,
    };
  }

  function expectSame(followed: Followed, scenario: string): void {
    const fields = fieldsOf(scenario);
    expect({
      status: followed.status,
      type: followed.contentType,
      kinds: frameKinds(followed.frames),
    }).toEqual({
      status: fields['http_status'],
      type: fields['content_type'],
      kinds: recordedKinds(scenario),
    });
  }

  replay('sse_payments_cursor_now', async () => {
    const path = `/accounts/${account}/payments?cursor=now`;
    expectSame(await follow(path, { frames: 2, opened: pay }), 'sse_payments_cursor_now');
  });

  replay('sse_transactions', async () => {
    const path = `/accounts/${account}/transactions?cursor=now`;
    const followed = await follow(path, { frames: 2, opened: pay });
    expectSame(followed, 'sse_transactions');
    expect(followed.frames[1]).toContain('\\u0026cursor=');
  });

  /** The paging token of the account's first payment, after which one more came. */
  async function tokenBeforeLast(): Promise<string> {
    await pay();
    const { json } = await stage.client.get(`/accounts/${account}/payments?order=asc`);
    return String(at(json, '_embedded', 'records', 0, 'paging_token'));
  }

  replay('sse_payments_resume_cursor', async () => {
    const path = `/accounts/${account}/payments?cursor=${await tokenBeforeLast()}`;
    expectSame(await follow(path, { frames: 2 }), 'sse_payments_resume_cursor');
  });

  replay('sse_payments_last_event_id', async () => {
    const headers = { 'last-event-id': await tokenBeforeLast() };
    const path = `/accounts/${account}/payments`;
    expectSame(await follow(path, { frames: 2, headers }), 'sse_payments_last_event_id');
  });

  replay('sse_account', async () => {
    expectSame(await follow(`/accounts/${account}`, { frames: 2 }), 'sse_account');
  });

  replay('sse_account_three_payments', async () => {
    const opened = async (): Promise<void> => {
      for (let count = 0; count < 3; count += 1) await pay();
    };
    const followed = await follow(`/accounts/${account}`, { opened });
    expect(frameKinds(followed.frames)).toEqual(['open', 'data', 'close']);
    expect(followed.frames[1]).toContain('"balance":"100.0000000"');
  });

  replay('sse_missing_account', async () => {
    expectSame(await follow(`/accounts/${stage.key('N').publicKey()}`), 'sse_missing_account');
  });

  replay('sse_missing_account_payments', async () => {
    const path = `/accounts/${stage.key('N').publicKey()}/payments`;
    expectSame(await follow(path), 'sse_missing_account_payments');
  });

  replay('sse_bad_cursor', async () => {
    expectSame(await follow('/payments?cursor=abc'), 'sse_bad_cursor');
  });

  replay('sse_idle', async () => {
    const followed = await follow(`/accounts/${account}/payments?cursor=now`);
    expectSame(followed, 'sse_idle');
    expect(followed.frames).toEqual([
      'retry: 1000\nevent: open\ndata: "hello"',
      'retry: 10\nevent: close\ndata: "byebye"',
    ]);
    expect(followed.ended).toBe(true);
  });

  replay('sse_ledgers', async () => {
    const opened = async (): Promise<void> => {
      for (let count = 0; count < 20; count += 1) await sandbox.closeLedger();
    };
    const followed = await follow('/ledgers?cursor=now', { opened });
    // Ten ledgers are the default limit; then the stream says good-bye before its time.
    expect(frameKinds(followed.frames)).toEqual([
      'open',
      ...Array.from({ length: 10 }, () => 'record'),
      'close',
    ]);
  });

  replay('sse_limit', async () => {
    await pay();
    const followed = await follow(`/accounts/${account}/payments?limit=1`);
    expect([followed.status, followed.ended]).toEqual([200, true]);
    expect(frameKinds(followed.frames)).toEqual(['open', 'record', 'close']);
  });

  it('replays every recorded stream', () => {
    expect(scenarios.map(({ scenario }) => scenario).filter((scenario) => !covered.has(scenario))).toEqual(
      [],
    );
  });
});
