import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

import { type Broker, findBroker, killBroker, startBroker, stopBroker } from '@libs/local-kafka';

import { describeWithKafka } from './describe-with-kafka';
import { ownBroker, sharedBroker } from './test-broker';

describeWithKafka('the broker that the suites share', () => {
  it('is the same one for everybody who asks', async () => {
    const [one, other] = await Promise.all([sharedBroker(), sharedBroker()]);
    expect(one).toBe(other);
    await connectTo(one.split(',')[0] ?? '');
  });
});

describeWithKafka(
  'a broker of one suite',
  () => {
    let broker: Broker;

    beforeAll(async () => {
      broker = await ownBroker();
    });
    afterAll(async () => {
      await stopBroker(broker.dataFolder);
    });

    it('listens for each of the security protocols, with certificates of our own authority', async () => {
      for (const address of Object.values(broker.addresses)) await connectTo(address);
      const { host, port } = partsOf(broker.addresses.saslSsl);
      const ca = fs.readFileSync(broker.certificates.caFile);
      const socket = tls.connect({ host, port, ca });
      await new Promise<void>((resolve, reject) =>
        socket.once('secureConnect', resolve).once('error', reject),
      );
      expect(socket.authorized).toBe(true);
      socket.destroy();
    });

    it('has the same addresses after kill −9 and a new start', async () => {
      await killBroker(broker.dataFolder);
      expect(findBroker(broker.dataFolder)).toBeUndefined();
      const again = await startBroker({ dataFolder: broker.dataFolder });
      expect(again.addresses).toEqual(broker.addresses);
      expect(again.pid).not.toBe(broker.pid);
    });
  },
  { ownBroker: true },
);

function partsOf(address: string): { host: string; port: number } {
  const [host = '', port = ''] = address.split(':');
  return { host, port: Number(port) };
}

async function connectTo(address: string): Promise<void> {
  const socket = net.connect(partsOf(address));
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.destroy();
}
