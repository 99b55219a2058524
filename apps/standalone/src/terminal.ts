import type { Counts } from './demo/counts';
import { ProgressView } from './demo/progress-view';
import type { ProcessEvent } from './supervisor/managed-process';

/** What the person at the keyboard sees. With `quiet`, standard output is left to the one line of JSON. */
export class Terminal {
  private readonly view: ProgressView;

  constructor({ quiet }: { readonly quiet: boolean }) {
    this.view = new ProgressView(quiet ? process.stderr : process.stdout);
  }

  say(text: string): void {
    this.view.say(text);
  }

  event(event: ProcessEvent): void {
    switch (event.kind) {
      case 'died':
        this.say(
          `${event.name} ended (${event.reason}); it is started again in ${String(event.nextTryInMs)} ms.`,
        );
        break;
      case 'ready again':
        this.say(`${event.name} is back.`);
        break;
      case 'slow':
        this.say(`Waiting for ${event.name}: ${event.waitsFor} …`);
        break;
    }
  }

  begin(counts: () => Counts): void {
    this.view.start(counts);
  }

  finish(counts: Counts): void {
    this.view.finish(counts);
  }

  stop(): void {
    this.view.stop();
  }
}
