import { peopleFile } from './people-file';
import { generatePeople } from './people-generator';

/** `node dist/apps/standalone/src/people/generate-people.js 1000 > samples/demo-1000.csv` */
const count = Number(process.argv[2] ?? '1000');
if (!Number.isInteger(count) || count < 1) throw new Error('How many people? Say a whole number.');
process.stdout.write(peopleFile(generatePeople({ count })));
