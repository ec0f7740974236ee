import { expect, it } from 'vitest';
import { createAddresses } from '../../local/addresses.ts';

const addresses = createAddresses('http://127.0.0.1:4566');
addresses.add('plant.auth.us-east-1.amazoncognito.com');

it.each([
  ['https://127.0.0.1:4566/', 'http://127.0.0.1:4566/'],
  ['https://plant.auth.us-east-1.amazoncognito.com/login', 'http://127.0.0.1:4566/login'],
  [
    "'self' https://plant.auth.us-east-1.amazoncognito.com wss://127.0.0.1:4566;",
    "'self' http://127.0.0.1:4566 ws://127.0.0.1:4566;",
  ],
])('makes of %s an address that answers here', (text, address) => {
  expect(addresses.localise({ in: [text] })).toEqual({ in: [address] });
});

it.each([
  'https://hooks.slack.com/services/1',
  'https://another.auth.us-east-1.amazoncognito.com/',
  'https://127.0.0.1:45660/',
  'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_1',
])('leaves %s to whoever has it', (text) => {
  expect(addresses.localise(text)).toBe(text);
});
