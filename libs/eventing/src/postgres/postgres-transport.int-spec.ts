import { eventTransportContract } from '../event-transport.contract';

describe('events over PostgreSQL alone', () => {
  eventTransportContract({
    open: async () => ({ type: 'POSTGRES' }),
    recordsOf: (bench, topic) =>
      bench.sql('SELECT value, headers FROM eventing.log WHERE topic = $1', [topic]),
  });
});
