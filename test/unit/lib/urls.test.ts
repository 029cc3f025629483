import { insertWellKnown, isSecure, readUrl, withoutSecrets, withoutTrailingSlash } from '../../../src/lib/urls.js'

describe('readUrl', () => {
  test.each(['https://example.com', 'http://localhost:8080/a', 'urn:example:a'])('reads %s', (text) => {
    expect(readUrl(text)?.href).toBeDefined()
  })

  test.each(['', 'example.com', '/a', '//example.com', 'https://', 'https://a b'])('does not read %p', (text) => {
    expect(readUrl(text)).toBeUndefined()
  })
})

describe('withoutSecrets', () => {
  test.each([
    ['https://example.com', 'https://example.com/'],
    ['https://example.com:8443/keys', 'https://example.com:8443/keys'],
    ['https://example.com/keys?key=s3cret', 'https://example.com/keys?...'],
    ['https://user:s3cret@example.com/keys#s3cret', 'https://example.com/keys'],
    ['https://', 'a URL that makes no sense'],
  ])('writes %s as %s', (text, written) => {
    expect(withoutSecrets(text)).toBe(written)
  })
})

// RFC 6761 section 6.3, RFC 8414 section 2
describe('isSecure', () => {
  const secure = (text: string, dangerouslyAllowHttp = false) => isSecure(new URL(text), dangerouslyAllowHttp)

  test.each([
    'https://example.com',
    'https://10.0.0.1',
    'http://localhost',
    'http://LOCALHOST:3000/a',
    'http://api.localhost',
    'http://127.0.0.1:8080',
    'http://127.255.255.254',
    'http://127.1',
    'http://[::1]:8080',
    'http://[0:0:0:0:0:0:0:1]',
  ])('%s is', (text) => {
    expect(secure(text)).toBe(true)
  })

  test.each([
    'http://example.com',
    'http://keycloak:8080',
    'http://localhost.example.com',
    'http://notlocalhost',
    'http://127.0.0.1.example.com',
    'http://128.0.0.1',
    'http://0.0.0.0',
    'http://10.0.0.1',
    'http://[::]',
    'http://[::2]',
    'http://[::ffff:10.0.0.1]',
  ])('%s is only where http is dangerously allowed', (text) => {
    expect(secure(text)).toBe(false)
    expect(secure(text, true)).toBe(true)
  })

  test.each([
    'https://user@example.com',
    'https://user:secret@example.com',
    'https://:secret@example.com',
    'http://user@localhost',
    'ftp://localhost',
    'file:///etc/passwd',
    'data:application/json,{}',
    'javascript:0',
    'urn:example:a',
    'ws://localhost',
  ])('%s never is', (text) => {
    expect(secure(text)).toBe(false)
    expect(secure(text, true)).toBe(false)
  })
})

// RFC 9728 section 3.1, RFC 8414 section 3.1
describe('insertWellKnown', () => {
  test.each([
    ['https://example.com', 'https://example.com/.well-known/x'],
    ['https://example.com/', 'https://example.com/.well-known/x'],
    ['https://example.com/mcp', 'https://example.com/.well-known/x/mcp'],
    ['https://example.com/mcp/', 'https://example.com/.well-known/x/mcp/'],
    ['https://example.com:8443/a/b?c=d', 'https://example.com:8443/.well-known/x/a/b?c=d'],
  ])('%s becomes %s', (identifier, expected) => {
    const url = new URL(identifier)
    expect(insertWellKnown(url, 'x').href).toBe(expected)
    expect(url.href).toBe(new URL(identifier).href)
  })
})

describe('withoutTrailingSlash', () => {
  test.each([
    ['https://example.com/a/', 'https://example.com/a'],
    ['https://example.com/a', 'https://example.com/a'],
    ['https://example.com/a//', 'https://example.com/a/'],
    // The path of a URL with a host is never empty.
    ['https://example.com/', 'https://example.com/'],
  ])('%s becomes %s', (identifier, expected) => {
    expect(withoutTrailingSlash(new URL(identifier)).href).toBe(expected)
  })
})
