import { checks } from '../../../src/tokens/checks/index.js'

// A check that says too much of how long its outcome stands is not asked again about a token that comes again.
test.each([
  ['with trust', ['issuer', 'key']],
  ['in time', ['expiry', 'not before', 'age']],
  ['once', ['schema']],
  [
    'always',
    ['form', 'type', 'header', 'algorithm', 'signature', 'kind', 'claims', 'audience', 'binding', 'authority'],
  ],
])('the checks whose outcome stands %s are %j', (standing, names) => {
  expect(checks.filter(({ stands }) => stands === standing).map(({ name }) => name)).toEqual(names)
})
