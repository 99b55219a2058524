import type { ApiContext } from './http/api';
import type { Streams } from './http/stream';
import type { World } from './world';

/** How a node stands to the outside. */
export interface NodeState {
  /** It cuts every connection. */
  down: boolean;
  /** What it says the network's passphrase is; null for the truth. */
  passphrase: string | null;
  /** The network that it reads: an older one where it missed a reset. */
  world: World;
}

/** The Horizon servers in front of the network. They are numbered from 1. */
export class Nodes {
  private readonly states: readonly NodeState[];
  private next = 0;

  constructor(
    count: number,
    world: World,
    private readonly streams: Streams,
  ) {
    this.states = Array.from({ length: count }, () => ({ down: false, passphrase: null, world }));
  }

  get count(): number {
    return this.states.length;
  }

  get(number: number): NodeState | null {
    return this.states[number - 1] ?? null;
  }

  /** The given node, or all of them. */
  these(number: number | undefined): readonly NodeState[] {
    return number === undefined ? this.states : this.states.slice(number - 1, number);
  }

  numberOf(state: NodeState): number {
    return this.states.indexOf(state) + 1;
  }

  /** Puts another network before these nodes; the others go on telling of the old one, which has ended. */
  move(numbers: readonly number[] | undefined, world: World): void {
    for (const [index, state] of this.states.entries()) {
      if (numbers === undefined || numbers.includes(index + 1)) state.world = world;
    }
  }

  /** What a node answers from, `any` being one after the other; null when there is none of this number. */
  contextOf(asked: number | 'any'): ApiContext | null {
    if (asked === 'any') this.next = (this.next % this.count) + 1;
    const number = asked === 'any' ? this.next : asked;
    const state = this.get(number);
    if (state === null) return null;
    const context = state.world.apiContext(this.streams, number - 1);
    const { down, passphrase } = state;
    return { ...context, node: number, down, passphrase: passphrase ?? context.passphrase };
  }
}
