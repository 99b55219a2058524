import { type Installation, localUrl, recipientOrigin } from './installation';
import type { PortPlan } from './port-plan';

const NO_ORGANISATION =
  "    The demo's organisation is not there yet: npm run demo makes it, POST /tenants of the operator's API any other.";

/**
 * Where everything is, who may sign in (the e-mail address of each role of the demo's organisation, nobody before it is there,
 * undefined when that is not known), and what to do next. For the terminal only: it holds passwords.
 */
export function welcomeText(
  { ports, data: { folder, keys } }: Installation,
  staff: Readonly<Record<string, string>> | undefined,
): string {
  const people = Object.entries(staff ?? {}).map(
    ([role, email]) => `    ${role.padEnd(12)} ${email.padEnd(26)} ${keys.staffPassword}`,
  );
  const addresses: [string, string][] = [
    ['staff API', `http://localhost:${String(ports.staff)}`],
    ['recipients: SEP-10, SEP-24, registration', recipientOrigin(ports)],
    [
      "operator's API",
      `http://localhost:${String(ports.operator)}/tenants   (${keys.operatorName} / ${keys.operatorPassword})`,
    ],
    ['what was "sent" by SMS and e-mail', `${localUrl(ports.messaging)}/outbox`],
    ['ledger (Horizon API)', `${localUrl(ports.sandbox)}/ledgers?order=desc`],
    [
      'metrics',
      [ports.staffMetrics, ports.recipientMetrics, ports.core, ports.messaging, ports.submission]
        .map((port) => `:${String(port)}`)
        .join(' '),
    ],
    ['data, keys and logs', folder],
  ];
  const width = Math.max(...addresses.map(([label]) => label.length));
  return [
    '',
    ...addresses.map(([label, address]) => `    ${label.padEnd(width)}  ${address}`),
    '',
    ...(people.length > 0 ? [...people, '', ...signInText(ports)] : []),
    ...(staff !== undefined && people.length === 0 ? [NO_ORGANISATION] : []),
    '    Pay again: npm run demo          Start without paying: npm start',
    '    Ctrl-C stops everything; the data stays. --fresh starts from nothing.',
    '',
  ].join('\n');
}

const signInText = ({ staff }: PortPlan): readonly string[] => [
  '    Sign in:  curl -s -H "content-type: application/json" \\',
  `                -d '{"email":"…","password":"…"}' http://localhost:${String(staff)}/login`,
];
