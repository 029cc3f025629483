// Every entry, found and typed.
import 'express-resource-server/augment'
import express from 'express'
import { optionalAuth, type Auth } from 'express-resource-server'
import { createTestIssuer, expectProtected, type TestIssuer } from 'express-resource-server/testing'

export async function main(): Promise<void> {
  const issuer: TestIssuer = await createTestIssuer()
  const app = express()
  app.get('/', optionalAuth(issuer.options), (req, res) => {
    const scopes: Auth['scopes'] | undefined = req.auth?.scopes
    res.json(scopes)
  })
  expectProtected(app, { except: ['GET /'] })
}
