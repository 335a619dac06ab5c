// Rails files that switch on what an emulator plays.
import fs from 'node:fs';
import path from 'node:path';
import { credentials } from './emulator.mjs';
import { newFolder } from './harness.mjs';

// What the rails file says of a rail that this emulator plays; `more` overrides.
export function entryFor(emulator, more = {}) {
  const { rail, url } = emulator;
  const of = { rail, mode: 'test', url };
  switch (rail) {
    case 'hubtel': {
      const { id, key, pos, prepaid } = credentials.hubtel;
      return { ...of, api_id: id, api_key: key, pos_sales_id: pos, prepaid_account: prepaid, ...more };
    }
    case 'mpgs': {
      const { merchant, password, secret } = credentials.mpgs;
      return { ...of, merchant_id: merchant, password, display_name: 'Epay', notification_secret: secret, ...more };
    }
    case 'paystack':
      return { ...of, secret_key: credentials.paystack.secret, ...more };
    case 'mtn': {
      const { collection, disbursement, user, key } = credentials.mtn;
      const product = (subscription_key) => ({ subscription_key, api_user: user, api_key: key });
      return { ...of, target_environment: 'mtnghana', collection: product(collection), disbursement: product(disbursement), ...more };
    }
    default:
      throw new Error(`no rail is called ${rail}`);
  }
}

// The arguments for `epay serve` with these rails; one number may be prompted as often as a test likes.
export function withRails(rails, routes = []) {
  const file = path.join(newFolder(), 'rails.json');
  fs.writeFileSync(file, JSON.stringify({ rails, routes }), { mode: 0o600 });
  return ['--rails-file', file, '--prompt-limit', '0'];
}
