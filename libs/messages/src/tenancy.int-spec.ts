import { newId } from '@libs/kernel';
import { twoTenantSuite } from '@libs/testing';
import { randomBytes } from 'node:crypto';

import { DryRunOutboxRepository } from './dry-run-outbox.repository';
import { MessageRepository } from './message.repository';
import { ShortLinkRepository } from './short-link.repository';

const key = randomBytes(32);

twoTenantSuite('messages', {
  app: 'messaging',
  tables: ['messages.messages', 'messages.dry_run_outbox', 'messages.short_links'],
  given: async (tx, tenantId) => {
    const id = newId();
    const contacts = { phoneNumber: null, email: 'somebody@x.example' };
    await new MessageRepository(key).store(tx, [
      { id, kind: 'staff', contacts, channels: ['EMAIL'], title: 'title', body: 'body' },
    ]);
    await new ShortLinkRepository().codeFor(tx, `https://x.example/${id}`);
    await new DryRunOutboxRepository(key).add(tx, {
      tenantId,
      messageId: id,
      kind: 'staff',
      channel: 'EMAIL',
      recipient: contacts.email,
      title: 'title',
      body: 'body',
    });
  },
});
