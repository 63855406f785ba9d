/** Asks for the name of an environment, for `ask.test.ts`. */

import { askName } from '../../../bin/ui/ask.js';

askName({ question: 'This changes 2 hosts of acme prod.', expected: 'prod' }).then(isYes =>
  console.log(isYes ? 'yes' : 'no'),
);
