import { createNetworks, isNetwork } from '../../../src/lib/networks.js'

describe('networks', () => {
  const isIn = createNetworks(['10.0.0.0/8', '192.0.2.7', '::1', 'fd00::/8'])

  test.each(['10.0.0.1', '10.255.255.255', '192.0.2.7', '::1', 'fd12::1', '::ffff:10.1.2.3', '::FFFF:192.0.2.7'])(
    '%s is in one of them',
    (address) => {
      expect(isIn(address)).toBe(true)
    },
  )

  test.each([
    undefined,
    '',
    '11.0.0.1',
    '192.0.2.8',
    '::2',
    'fe80::1',
    'fd12::1%eth0',
    '::ffff:11.0.0.1',
    '10.0.0.1:80',
    'localhost',
    '10.0.0.1, 1.1.1.1',
  ])('%s is in none', (address) => {
    expect(isIn(address)).toBe(false)
  })

  test.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '::/0',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10.0.0/8',
    '10.0.0.0/08',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    '*',
    'loopback',
  ])('"%s" is no network', (text) => {
    expect(isNetwork(text)).toBe(false)
    expect(() => createNetworks([text])).toThrow(TypeError)
  })
})
