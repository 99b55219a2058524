import { Inbox, type Message } from './inbox';
import { idBefore } from './phone-network';

const message = (id: string, body: string, recipient = '+1'): Message => ({ id, recipient, body });
const any = (): boolean => true;

describe('the inbox of the simulated people', () => {
  it('finds the newest message that is wanted, in whatever order they came', () => {
    const inbox = new Inbox();
    for (const one of [message('2', 'second'), message('1', 'first'), message('3', 'other')])
      inbox.deliver(one);
    expect(inbox.find('+1', ({ body }) => body !== 'other')?.body).toBe('second');
    expect(inbox.find('+2', any)).toBeUndefined();
  });

  it('hands the next wanted message to whom waits for it, once', async () => {
    const inbox = new Inbox();
    const waiting = inbox.next('+1', ({ body }) => body === 'wanted', 5_000);
    inbox.deliver(message('1', 'unwanted'));
    inbox.deliver(message('2', 'wanted', '+2'));
    inbox.deliver(message('3', 'wanted'));
    inbox.deliver(message('3', 'wanted'));
    expect((await waiting)?.id).toBe('3');
  });

  it('lets nobody wait for ever', async () => {
    expect(await new Inbox().next('+1', any, 5)).toBeUndefined();
  });

  it('knows an id that is older than those of the last seconds', () => {
    const newest = '0190163d-8694-739b-aea5-966c26f8ad91';
    expect(idBefore(newest, 1_500)).toBe('0190163d-80b8-7000-8000-000000000000');
    expect(idBefore(newest, 1_500) < newest).toBe(true);
  });
});
