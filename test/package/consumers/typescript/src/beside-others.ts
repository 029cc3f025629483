import express from 'express'
import basicAuth from 'express-basic-auth'
import { expressjwt, type Request as JwtRequest } from 'express-jwt'
import { findAuth, optionalAuth, requireAuth } from 'express-resource-server'
import { Agent, fetch as undiciFetch } from 'undici'

const app = express()
const options = { issuer: 'https://login.example.com', audience: 'https://api.example.com' }
app.get('/staff', basicAuth({ users: { admin: 'secret' } }), optionalAuth(options), (req, res) => {
  res.json([(req as basicAuth.IBasicAuthedRequest).auth.user, findAuth(req)?.subject])
})
app.get('/jwt', expressjwt({ secret: 'secret', algorithms: ['HS256'] }), (req: JwtRequest, res) => {
  res.json([req.auth?.sub, findAuth(req)?.subject])
})
const dispatcher = new Agent()
app.use(requireAuth({ ...options, fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }) }))
app.use(requireAuth({ ...options, fetch: (url, init) => fetch(url, init) }))
app.use(requireAuth({ ...options, fetch }))
