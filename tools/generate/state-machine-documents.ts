import {
  attemptMachine,
  channelAccountMachine,
  disbursementMachine,
  keyRotationMachine,
  messageMachine,
  paymentMachine,
  receiverWalletMachine,
  submissionMachine,
  tenantMachine,
} from '@libs/domain';
import type { StateMachine } from '@libs/kernel';

const MACHINES: readonly StateMachine<string, string>[] = [
  disbursementMachine,
  paymentMachine,
  receiverWalletMachine,
  messageMachine,
  submissionMachine,
  attemptMachine,
  channelAccountMachine,
  keyRotationMachine,
  tenantMachine,
];

/** One page per machine: a Mermaid diagram and the table of moves. */
export function stateMachineDocuments(): [file: string, text: string][] {
  return MACHINES.map((machine) => {
    const name = machine.name.toLowerCase().replaceAll(/[^a-z]+/g, '-');
    return [`docs/state-machines/${name}.md`, pageOf(machine)];
  });
}

function pageOf(machine: StateMachine<string, string>): string {
  const final = machine.states.filter((state) => machine.isFinal(state));
  return [
    `# ${machine.name.charAt(0).toUpperCase()}${machine.name.slice(1)}`,
    '',
    '<!-- Made from libs/domain by `npm run gen`. -->',
    '',
    '```mermaid',
    'stateDiagram-v2',
    ...machine.initial.map((state) => `  [*] --> ${state}`),
    ...machine.moveNames.flatMap((move) =>
      machine.sourcesOf(move).map((state) => `  ${state} --> ${machine.targetOf(move)} : ${move}`),
    ),
    ...final.map((state) => `  ${state} --> [*]`),
    '```',
    '',
    '| move | from | to | when |',
    '|---|---|---|---|',
    ...machine.moveNames.map(
      (move) =>
        `| ${move} | ${machine.sourcesOf(move).join(', ')} | ${machine.targetOf(move)} | ${machine.moves[move]?.when ?? ''} |`,
    ),
    '',
    `Final: ${final.length > 0 ? final.join(', ') : 'none'}.`,
    '',
  ].join('\n');
}
