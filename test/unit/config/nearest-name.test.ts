import { nearestName } from '../../../src/config/nearest-name.js'

describe('nearestName', () => {
  const known = ['issuer', 'audience', 'algorithms', 'jwks', 'jwksUri', 'clockToleranceSeconds']

  test.each([
    ['audience', 'audience'],
    ['audiance', 'audience'],
    ['Audience', 'audience'],
    ['algorithm', 'algorithms'],
    ['jwksUrl', 'jwksUri'],
    ['JWKSURI', 'jwksUri'],
    ['clockTolerance', 'clockToleranceSeconds'],
    ['issuerBaseURL', 'issuer'],
    ['isuer', 'issuer'],
  ])('takes %s for %s', (name, meant) => {
    expect(nearestName(name, known)).toBe(meant)
  })

  test.each(['foo', 'database', 'requiredScopes'])('has no idea what %p might be', (name) => {
    expect(nearestName(name, ['issuer', 'audience', 'algorithms'])).toBeUndefined()
  })

  test('knows nothing where nothing is known', () => {
    expect(nearestName('issuer', [])).toBeUndefined()
  })
})
