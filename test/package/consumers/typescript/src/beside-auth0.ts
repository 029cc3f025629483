import express from 'express'
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer'
import { getAuth, requireAuth, requireScope } from 'express-resource-server'

// It declares req.auth for all: while routes move from one library to the other, both stand in one program.
const app = express()
const options = { issuer: 'https://login.example.com', audience: 'https://api.example.com' }
app.get(
  '/old',
  auth({ issuerBaseURL: options.issuer, audience: options.audience }),
  requiredScopes('a'),
  (req, res) => {
    res.json(req.auth?.payload.sub)
  },
)
app.get('/new', requireAuth(options), requireScope('a'), (req, res) => {
  res.json(getAuth(req).subject)
})
